//! What the program can be told to do, one module a verb.

pub mod backup;
pub mod certificate;
pub mod cloud;
pub mod config;
pub mod country;
pub mod demo;
pub mod doctor;
pub mod engine;
pub mod export;
pub mod identity;
pub mod init;
pub mod jobs;
pub mod kit;
pub mod link;
pub mod log;
pub mod manual;
pub mod packets;
pub mod plan;
pub mod relocate;
pub mod serve;
pub mod succeed;
pub mod update;
