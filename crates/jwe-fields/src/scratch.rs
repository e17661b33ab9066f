//! Memory that is used again from document to document.

use core::fmt;

use jwe_core::{SharedCekMemory, UnwrappedMemory};
use zeroize::Zeroizing;

use crate::index::{Index, NodeId};
use crate::path::PathWriter;
use crate::records::Cell;

/// Working memory for [`encrypt_into`](crate::FieldEncrypter::encrypt_into) and
/// [`decrypt_into`](crate::FieldDecrypter::decrypt_into).
///
/// One for each thread that works on many documents saves the allocations. It grows with the
/// largest document, at most 28 bytes for each of its values and what the different encrypted keys of
/// its tokens take, and is given back when dropped. No
/// plaintext is left in it between documents.
#[derive(Default)]
pub struct Scratch {
    pub(crate) index: Index,
    pub(crate) nodes: Vec<NodeId>,
    pub(crate) plaintext: Zeroizing<Vec<u8>>,
    /// What a selected string with escapes denotes: a token, or by mistake a clear value.
    pub(crate) token: Zeroizing<Vec<u8>>,
    /// The selected cells of a row of CSV.
    pub(crate) cells: Vec<Cell>,
    /// To which values are bound.
    pub(crate) path: PathWriter,
    pub(crate) record_id: Vec<u8>,
    pub(crate) shared_cek: SharedCekMemory,
    pub(crate) unwrapped: UnwrappedMemory,
}

impl Scratch {
    /// Memory that is allocated when it is needed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// How many bytes it holds.
    pub(crate) fn memory(&self) -> usize {
        self.index.memory()
            + self.nodes.capacity() * size_of::<NodeId>()
            + self.plaintext.capacity()
            + self.token.capacity()
            + self.path.memory()
            + self.record_id.capacity()
            + self.unwrapped.allocated()
            + self.cells.capacity() * size_of::<Cell>()
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch").finish_non_exhaustive()
    }
}
