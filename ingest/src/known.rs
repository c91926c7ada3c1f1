//! Which files were read before, by what is in them.

use std::collections::{BTreeMap, BTreeSet};

use pipeline::hash::{Digest, Seal};
use store::{Store, StoreError};

/// The files that were read under the key of this run.
#[derive(Default)]
pub(crate) struct Known {
    sealed: BTreeMap<Seal, Digest>,
    /// Those of which no seal is known.
    others: BTreeSet<Digest>,
}

impl Known {
    /// What the store knows to have been read under a key.
    pub(crate) fn under(store: &Store, key: &str) -> Result<Self, StoreError> {
        let mut known = Self::default();
        store.each_read_under(key, |digest, seal| {
            known.add(digest, seal);
        })?;
        Ok(known)
    }

    /// The file that has a seal.
    pub(crate) fn sealed(&self, seal: Seal) -> Option<Digest> {
        self.sealed.get(&seal).copied()
    }

    /// Whether a file whose seal is not known is known by its hash.
    pub(crate) fn is_unsealed(&self, digest: Digest) -> bool {
        self.others.contains(&digest)
    }

    /// Adds a file; false where it was known.
    pub(crate) fn add(&mut self, digest: Digest, seal: Option<Seal>) -> bool {
        match seal {
            Some(seal) => {
                let is_new = self.sealed.insert(seal, digest).is_none();
                !self.others.remove(&digest) && is_new
            }
            None => self.others.insert(digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use pipeline::hash::Hashes;

    use super::*;

    #[test]
    fn a_file_is_new_once_whether_its_seal_is_known_or_not() {
        let [one, other] = [b"one", b"two"].map(|bytes| Hashes::of(bytes));
        let mut known = Known::default();
        assert!(known.add(one.sha256, Some(one.seal)) && known.add(other.sha256, None));
        assert_eq!((known.sealed(one.seal), known.sealed(other.seal)), (Some(one.sha256), None));
        assert!(known.is_unsealed(other.sha256) && !known.is_unsealed(one.sha256));
        assert!(!known.add(one.sha256, Some(one.seal)) && !known.add(other.sha256, None));

        // It is seen again, and has a seal from then on.
        assert!(!known.add(other.sha256, Some(other.seal)));
        assert_eq!(known.sealed(other.seal), Some(other.sha256));
        assert!(!known.is_unsealed(other.sha256));
    }
}
