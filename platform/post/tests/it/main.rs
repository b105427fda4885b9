//! The post room's texts, and its tables on both engines. How letters travel is tested through the whole program.

mod portable;
mod texts;
