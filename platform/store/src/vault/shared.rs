//! A place for sealed key files that several nodes reach.

use crate::StoreError;

/// Where the nodes of one country keep the sealed key files they have in common, such as etcd. What lies there opens
/// nothing without the root key, which never goes there. Implementations block for at most a few seconds; a node asks
/// when it meets a key for the first time, not for each use.
pub trait SharedKeys: Send + Sync {
    /// The file of this name, if there is one.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn get(&self, name: &str) -> Result<Option<String>, StoreError>;
    /// Keeps the file unless there is one of this name; answers the one that is there now, on the disks of a majority.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn put_new(&self, name: &str, text: &str) -> Result<String, StoreError>;
    /// Removes the file of this name; one that is gone already is fine.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn remove(&self, name: &str) -> Result<(), StoreError>;
    /// The names of all files.
    ///
    /// # Errors
    /// When the place cannot be reached.
    fn names(&self) -> Result<Vec<String>, StoreError>;
}
