//! A bounded least-recently-used map whose eviction waits for the end of a turn: until then its newest entries may be
//! ahead of the store.

use std::{borrow::Borrow, hash::Hash};

use lru::LruCache;

pub(crate) struct Cache<K: Hash + Eq, V> {
    entries: LruCache<K, V>,
    cap: usize,
}

impl<K: Hash + Eq, V> Cache<K, V> {
    pub fn new(cap: usize) -> Self {
        // An unbounded map allocates as it grows; trim() keeps the bound.
        Self { entries: LruCache::unbounded(), cap }
    }

    pub fn get<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.entries.get(key)
    }

    pub fn put(&mut self, key: K, value: V) {
        self.entries.put(key, value);
    }

    pub fn remove<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.entries.pop(key)
    }

    /// Drops the least recently used entries above the bound.
    pub fn trim(&mut self) {
        while self.entries.len() > self.cap {
            self.entries.pop_lru();
        }
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn cap(&self) -> usize {
        self.cap
    }
}
