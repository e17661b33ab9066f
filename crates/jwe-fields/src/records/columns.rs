//! Named columns of CSV, whose cells are encrypted or decrypted.

use std::collections::HashMap;

use jwe_core::{Decrypter, Encrypter, EncrypterBuilder, SharedCekMemory, UnwrappedMemory, wiped};

use super::csv_row::{Cell, Cells, LONGEST_QUOTE, RowError, append_cell, cell_len, needs_quotes};
use super::delimiter::Delimiter;
use super::error::{RecordError, StreamError};
use super::work::Work;
use crate::binding::{self, Binding};
use crate::error::FieldError;
use crate::limits::DocumentLimits;
use crate::opener::{OpenKeys, Opener};
use crate::options::{AlreadyEncrypted, ClearValue, DecryptOptions, EncryptOptions, Missing};
use crate::pointer;
use crate::scratch::Scratch;
use crate::selector::SelectorError;
use crate::settings_error::SettingsError;
use crate::token;
use crate::value_keys::{Bound, Sealer, ValueKeys};

/// Replaces the cells of named columns of CSV (RFC 4180) by JWEs, each encrypted by itself.
///
/// The first row names the columns. The plaintext is the text of the cell: without the quotes
/// around it, and with those in it single. A JWE stands in quotes if the cell did. All other bytes
/// leave as they came, and need not even be UTF-8.
///
/// Of the settings, those on the encoding and on values that are no strings have no meaning here.
/// [`Missing`] is about empty cells: by default an empty cell is an empty text, which is encrypted
/// like any other; with [`Missing::Skip`] it stays empty. A column that is not there is always an
/// error. The limits of a document hold for each row.
///
/// It can be shared between threads.
#[derive(Clone, Debug)]
pub struct ColumnEncrypter {
    sealer: Sealer,
    names: Names,
    options: EncryptOptions,
}

impl ColumnEncrypter {
    /// Puts an encrypter, names of columns and settings together. Names are compared exactly, case
    /// and white space included.
    ///
    /// # Errors
    /// [`SelectorError::None`] when there is no name, [`SelectorError::Repeated`] when one is given
    /// twice, [`SettingsError::PaddingCompressed`].
    pub fn new(
        encrypter: Encrypter,
        columns: impl IntoIterator<Item = impl Into<String>>,
        options: EncryptOptions,
    ) -> Result<Self, SettingsError> {
        Self::of(Sealer::Free(encrypter), Names::new(columns)?, options)
    }

    /// The same with an encrypter that binds each cell, which is built here: to its column, as the
    /// JSON Pointer of the name, and to the row's id in another column if the binding names one.
    ///
    /// # Errors
    /// As [`new`](Self::new), as [`EncrypterBuilder::build`], [`SettingsError::RecordOfRow`] and
    /// [`SettingsError::RecordIdSelected`].
    pub fn binding(
        encrypter: EncrypterBuilder<'_>,
        columns: impl IntoIterator<Item = impl Into<String>>,
        options: EncryptOptions,
        binding: Binding,
    ) -> Result<Self, SettingsError> {
        let sealer = Sealer::Binding(binding::encrypter(encrypter)?);
        Self::of(sealer, Names::new(columns)?.with_record_id(binding)?, options)
    }

    fn of(sealer: Sealer, names: Names, options: EncryptOptions) -> Result<Self, SettingsError> {
        sealer.check(&options, false)?;
        Ok(Self { sealer, names, options })
    }

    /// What stands between cells; [`Delimiter::COMMA`] if not set.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: Delimiter) -> Self {
        self.names.delimiter = delimiter;
        self
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.names.delimiter.get()
    }

    /// Finds the columns in the first row, which comes without its line end.
    ///
    /// # Errors
    /// [`StreamError::NoColumn`], [`StreamError::AmbiguousColumn`], [`StreamError::Header`].
    pub(crate) fn bind(&self, header: &[u8]) -> Result<BoundColumns<'_, Self>, StreamError> {
        self.names.bind(self, header)
    }
}

/// Replaces JWEs in the cells of named columns of CSV (RFC 4180) by the values that they hold.
///
/// The first row names the columns. A value stands in quotes if its JWE did or if it has to: if
/// there is a delimiter, a quote or a line end in it, or if it is empty and alone in its row. All
/// other bytes leave as they came, and need not even be UTF-8.
///
/// Of the settings, that on the encoding has no meaning here: a plaintext is text. [`Missing`] is
/// about empty cells: by default an empty cell is a value like any other that is no JWE; with
/// [`Missing::Skip`] it stays empty, so that whoever changes the file can empty cells unnoticed. A
/// column that is not there is always an error. The limits of a document hold for each row.
///
/// It can be shared between threads.
#[derive(Clone, Debug)]
pub struct ColumnDecrypter {
    opener: Opener,
    names: Names,
    options: DecryptOptions,
}

impl ColumnDecrypter {
    /// Puts a decrypter, names of columns and settings together. Names are compared exactly, case
    /// and white space included.
    ///
    /// # Errors
    /// [`SelectorError::None`] when there is no name, [`SelectorError::Repeated`] when one is given
    /// twice, [`SettingsError::BoundUnchecked`].
    pub fn new(
        decrypter: Decrypter,
        columns: impl IntoIterator<Item = impl Into<String>>,
        options: DecryptOptions,
    ) -> Result<Self, SettingsError> {
        binding::check_unaware(&decrypter)?;
        Self::of(Opener::Free(decrypter), Names::new(columns)?, options)
    }

    /// The same for cells that have to be bound to where they are found, as
    /// [`ColumnEncrypter::binding`] does it.
    ///
    /// # Errors
    /// As [`new`](Self::new), [`SettingsError::RecordOfRow`] and
    /// [`SettingsError::RecordIdSelected`].
    pub fn binding(
        decrypter: Decrypter,
        columns: impl IntoIterator<Item = impl Into<String>>,
        options: DecryptOptions,
        binding: Binding,
    ) -> Result<Self, SettingsError> {
        let names = Names::new(columns)?.with_record_id(binding)?;
        Self::of(Opener::Binding(binding::decrypter(decrypter)?), names, options)
    }

    fn of(opener: Opener, names: Names, options: DecryptOptions) -> Result<Self, SettingsError> {
        opener.check(&options, false)?;
        Ok(Self { opener, names, options })
    }

    /// What stands between cells; [`Delimiter::COMMA`] if not set.
    #[must_use]
    pub fn with_delimiter(mut self, delimiter: Delimiter) -> Self {
        self.names.delimiter = delimiter;
        self
    }

    pub(crate) fn delimiter(&self) -> u8 {
        self.names.delimiter.get()
    }

    /// Finds the columns in the first row, which comes without its line end.
    ///
    /// # Errors
    /// [`StreamError::NoColumn`], [`StreamError::AmbiguousColumn`], [`StreamError::Header`].
    pub(crate) fn bind(&self, header: &[u8]) -> Result<BoundColumns<'_, Self>, StreamError> {
        self.names.bind(self, header)
    }
}

/// Which columns are meant, and what separates them.
#[derive(Clone, Debug)]
struct Names {
    names: Vec<String>,
    /// The column of the id to which the others are bound.
    record_id: Option<String>,
    delimiter: Delimiter,
}

impl Names {
    fn new(columns: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, SelectorError> {
        let names: Vec<String> = columns.into_iter().map(Into::into).collect();
        if names.is_empty() {
            return Err(SelectorError::None);
        }
        let mut sorted: Vec<&String> = names.iter().collect();
        sorted.sort_unstable();
        if let Some([column, _]) = sorted.array_windows().find(|[one, next]| one == next) {
            return Err(SelectorError::Repeated { column: String::clone(column) });
        }
        Ok(Self { names, record_id: None, delimiter: Delimiter::default() })
    }

    fn with_record_id(mut self, binding: Binding) -> Result<Self, SettingsError> {
        self.record_id = binding.column(&self.names)?;
        Ok(self)
    }

    fn bind<'a, C: Replace>(
        &'a self,
        cells: &'a C,
        header: &[u8],
    ) -> Result<BoundColumns<'a, C>, StreamError> {
        let refused = |error| StreamError::Header(RecordError::Field(error));
        let limits = cells.limits();
        if header.len() > limits.max_document_len() {
            return Err(refused(FieldError::TooLong { limit: limits.max_document_len() }));
        }
        if self.names.len() > limits.max_values() {
            return Err(refused(FieldError::TooManyValues { limit: limits.max_values() }));
        }
        let mut places: HashMap<&[u8], Option<usize>> =
            self.names.iter().chain(&self.record_id).map(|name| (name.as_bytes(), None)).collect();
        let delimiter = self.delimiter.get();
        let mut text = Vec::new();
        let mut twice = None;
        let mut row_len = 0;
        for cell in Cells::new(header, delimiter) {
            let cell = cell.map_err(|error| StreamError::Header(RecordError::Row(error)))?;
            text.clear();
            cell.append_text(header, &mut text);
            if let Some(place) = places.get_mut(text.as_slice())
                && place.replace(row_len).is_some()
                && twice.is_none()
            {
                twice = Some(String::from_utf8_lossy(&text).into_owned());
            }
            row_len += 1;
        }
        if let Some(name) = twice {
            return Err(StreamError::AmbiguousColumn { name });
        }
        let column = |name: &'a String| match places.get(name.as_bytes()) {
            Some(Some(at)) => Ok(Column { at: *at, pointer: pointer_of(name) }),
            _ => Err(StreamError::NoColumn { name: name.clone() }),
        };
        let mut columns = self.names.iter().map(column).collect::<Result<Vec<_>, _>>()?;
        columns.sort_unstable_by_key(|column| column.at);
        let record_id = self.record_id.as_ref().map(column).transpose()?;
        Ok(BoundColumns { cells, columns, record_id, row_len, delimiter })
    }
}

/// A column that is meant.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Which cell of a row it is, from 0.
    at: usize,
    /// As that of a member of its name.
    pointer: String,
}

impl Column {
    fn pointer(&self) -> String {
        self.pointer.clone()
    }
}

fn pointer_of(name: &str) -> String {
    format!("/{}", pointer::escape(name))
}

/// Columns that were found in the first row.
#[derive(Debug)]
pub(crate) struct BoundColumns<'a, C> {
    cells: &'a C,
    /// In the order of the row.
    columns: Vec<Column>,
    record_id: Option<Column>,
    /// How many cells each row has.
    row_len: usize,
    delimiter: u8,
}

impl<C: Replace> BoundColumns<'_, C> {
    /// Finds the selected cells of a row, and that it is one.
    fn select(
        &self,
        row: &[u8],
        cells: &mut Vec<Cell>,
        record_id: &mut Option<Cell>,
    ) -> Result<(), RecordError> {
        let limit = self.cells.limits().max_document_len();
        if row.len() > limit {
            return Err(FieldError::TooLong { limit }.into());
        }
        cells.clear();
        let mut columns = self.columns.iter().map(|column| column.at).peekable();
        let mut found = 0;
        *record_id = None;
        let record_id_at = self.record_id.as_ref().map(|column| column.at);
        for cell in Cells::new(row, self.delimiter) {
            let cell = cell?;
            if record_id_at == Some(found) {
                *record_id = Some(cell);
            }
            if columns.next_if_eq(&found).is_some() {
                cells.push(cell);
            }
            found += 1;
        }
        if found != self.row_len {
            return Err(RowError::CellCount { expected: self.row_len, found }.into());
        }
        Ok(())
    }

    /// The text of the cell that is the row's id.
    fn record_id<'s>(
        &self,
        row: &[u8],
        cell: Option<Cell>,
        buffer: &'s mut Vec<u8>,
    ) -> Result<Option<&'s str>, RecordError> {
        let (Some(column), Some(cell)) = (&self.record_id, cell) else { return Ok(None) };
        buffer.clear();
        cell.append_text(row, buffer);
        match core::str::from_utf8(buffer) {
            Ok("") => Err(FieldError::RecordIdMissing { place: column.pointer() }.into()),
            Ok(id) => Ok(Some(id)),
            Err(_) => Err(RowError::NotUtf8 { cell: column.at + 1 }.into()),
        }
    }

    fn replace(
        &self,
        row: &[u8],
        out: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, RecordError> {
        let mut record_id = None;
        self.select(row, &mut scratch.cells, &mut record_id)?;
        let Scratch { cells, plaintext, record_id: buffer, shared_cek, unwrapped, .. } = scratch;
        // A row in which nothing is there to be bound needs none.
        let is_empty = |cell: &Cell| cell.content(row).is_empty();
        let record = if self.cells.missing() == Missing::Skip && cells.iter().all(is_empty) {
            None
        } else {
            self.record_id(row, record_id, buffer)?
        };
        self.cells.reserve(row, cells, out);
        let mut keys = self.cells.keys(cells.len(), shared_cek, unwrapped);
        let mut len: usize = 0;
        let mut copied = 0;
        let mut count = 0;
        for (column, cell) in self.columns.iter().zip(&*cells) {
            let before = row.get(copied..cell.start).unwrap_or_default();
            out.extend_from_slice(before);
            len = len.saturating_add(before.len());
            let place = Place {
                row,
                cell,
                column,
                record,
                len,
                is_only: self.row_len == 1,
                delimiter: self.delimiter,
            };
            let cell_len = match self.cells.replace(&place, &mut keys, plaintext, out)? {
                Some(cell_len) => {
                    count += 1;
                    cell_len
                }
                None => {
                    let left = row.get(cell.start..cell.end).unwrap_or_default();
                    out.extend_from_slice(left);
                    left.len()
                }
            };
            len = len.saturating_add(cell_len);
            copied = cell.end;
        }
        let rest = row.get(copied..).unwrap_or_default();
        // What stands behind the last cell counts as well.
        let len = len.saturating_add(rest.len());
        if let (Some(limit), Some(last)) = (self.cells.longest(), self.columns.last())
            && count > 0
            && len > limit
        {
            return Err(FieldError::GrowsTooLong { pointer: last.pointer(), limit }.into());
        }
        out.extend_from_slice(rest);
        Ok(count)
    }
}

impl<C: Replace> Work for BoundColumns<'_, C> {
    fn apply(
        &self,
        record: &[u8],
        out: &mut Vec<u8>,
        scratch: &mut Scratch,
    ) -> Result<usize, RecordError> {
        let start = out.len();
        let outcome = self.replace(record, out, scratch);
        wiped::truncate(&mut scratch.plaintext, 0);
        if outcome.is_err() {
            wiped::truncate(out, start);
        }
        outcome
    }
}

/// A selected cell, and where it stands.
pub(crate) struct Place<'a> {
    row: &'a [u8],
    cell: &'a Cell,
    column: &'a Column,
    /// The row's id.
    record: Option<&'a str>,
    /// How long the row has become in front of the cell, as far as that may be told.
    len: usize,
    /// Whether the row has no other cells.
    is_only: bool,
    delimiter: u8,
}

impl Place<'_> {
    /// What the cell is bound to, if it is.
    fn bound(&self) -> Bound<'_> {
        Bound { field: &self.column.pointer, record: self.record }
    }
}

/// What is done to each selected cell.
pub(crate) trait Replace: Sync {
    /// The content encryption keys of one row.
    type Keys<'a>
    where
        Self: 'a;

    fn limits(&self) -> &DocumentLimits;

    /// The most bytes that may become of a row; `None` where that is limited by what came in.
    fn longest(&self) -> Option<usize>;

    /// Makes room for what becomes of a row.
    fn reserve(&self, row: &[u8], cells: &[Cell], out: &mut Vec<u8>);

    /// The keys of a row of so many selected cells.
    fn keys<'a>(
        &'a self,
        values: usize,
        shared_cek: &'a mut SharedCekMemory,
        unwrapped: &'a mut UnwrappedMemory,
    ) -> Self::Keys<'a>;

    /// What an empty cell means.
    fn missing(&self) -> Missing;

    /// Appends what becomes of the cell and returns how many bytes are counted for it, or appends
    /// nothing and returns `None` if it stays as it is.
    ///
    /// # Errors
    /// [`RecordError`]; `plaintext` and `out` are then to be wiped.
    fn replace(
        &self,
        place: &Place<'_>,
        keys: &mut Self::Keys<'_>,
        plaintext: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, RecordError>;
}

impl Replace for ColumnEncrypter {
    type Keys<'a> = ValueKeys<'a>;

    fn limits(&self) -> &DocumentLimits {
        &self.options.limits
    }

    fn longest(&self) -> Option<usize> {
        None
    }

    fn missing(&self) -> Missing {
        self.options.missing
    }

    fn reserve(&self, row: &[u8], cells: &[Cell], out: &mut Vec<u8>) {
        let token_len = |cell: &Cell| {
            let plaintext_len = self.options.padding.padded_len(cell.end - cell.start);
            self.sealer.token_len(plaintext_len).unwrap_or(0)
        };
        let tokens = cells.iter().map(token_len).fold(0, usize::saturating_add);
        // A value that is too long to be encrypted is refused later, not here.
        if out.try_reserve(row.len().saturating_add(tokens)).is_err() {
            out.reserve(row.len());
        }
    }

    fn keys<'a>(
        &'a self,
        values: usize,
        shared_cek: &'a mut SharedCekMemory,
        _: &'a mut UnwrappedMemory,
    ) -> ValueKeys<'a> {
        ValueKeys::new(&self.sealer, self.options.share_cek, shared_cek, values)
    }

    fn replace(
        &self,
        place: &Place<'_>,
        keys: &mut Self::Keys<'_>,
        plaintext: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, RecordError> {
        let Place { row, cell, column, .. } = place;
        let content = cell.content(row);
        if content.is_empty() && self.options.missing == Missing::Skip {
            return Ok(None);
        }
        // A quote, doubled or not, is in no token.
        if self.options.already_encrypted != AlreadyEncrypted::EncryptAgain
            && token::is_token(content)
        {
            if self.options.already_encrypted == AlreadyEncrypted::Leave {
                return Ok(None);
            }
            return Err(FieldError::AlreadyEncrypted { pointer: column.pointer() }.into());
        }
        // Room for the longest padding too, so that sealing does not move the plaintext.
        let padding = self.options.padding;
        wiped::reserve(plaintext, padding.padded_len(content.len()).saturating_add(16));
        cell.append_text(row, plaintext);
        if core::str::from_utf8(plaintext).is_err() {
            return Err(RowError::NotUtf8 { cell: column.at + 1 }.into());
        }
        padding.pad(plaintext);
        let start = out.len();
        // A token has no byte that CSV would have in quotes.
        if cell.quoted {
            out.push(b'"');
        }
        keys.encrypt_in_place(|| Ok(place.bound()), || column.pointer(), plaintext, out)?;
        if cell.quoted {
            out.push(b'"');
        }
        Ok(Some(out.len() - start))
    }
}

impl Replace for ColumnDecrypter {
    type Keys<'a> = OpenKeys<'a>;

    fn limits(&self) -> &DocumentLimits {
        &self.options.limits
    }

    fn longest(&self) -> Option<usize> {
        Some(self.options.limits.max_document_len())
    }

    fn missing(&self) -> Missing {
        self.options.missing
    }

    fn reserve(&self, row: &[u8], _: &[Cell], out: &mut Vec<u8>) {
        // A value is nearly always shorter than its token.
        wiped::reserve(out, row.len());
    }

    fn keys<'a>(
        &'a self,
        values: usize,
        _: &'a mut SharedCekMemory,
        unwrapped: &'a mut UnwrappedMemory,
    ) -> OpenKeys<'a> {
        self.opener.keys(unwrapped, values)
    }

    fn replace(
        &self,
        place: &Place<'_>,
        keys: &mut Self::Keys<'_>,
        plaintext: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Result<Option<usize>, RecordError> {
        let Place { row, cell, column, len, .. } = place;
        // In a cell with doubled quotes this is not quite its text, but then neither is a token.
        let content = cell.content(row);
        if content.is_empty() && self.options.missing == Missing::Skip {
            return Ok(None);
        }
        let encrypted = match self.options.clear_value {
            // What has the right number of parts gets the engine's more precise error.
            ClearValue::Refuse => token::has_five_parts(content),
            ClearValue::Leave => token::is_token(content),
        };
        let token = match core::str::from_utf8(content) {
            Ok(token) if encrypted => token,
            _ if self.options.clear_value == ClearValue::Leave => return Ok(None),
            _ => return Err(FieldError::NotEncrypted { pointer: column.pointer() }.into()),
        };
        wiped::truncate(plaintext, 0);
        keys.decrypt_into(token, || Ok(place.bound()), || column.pointer(), plaintext)?;
        let Some(text) = self.options.padding.text(plaintext) else {
            return Err(FieldError::NotPadded { pointer: column.pointer() }.into());
        };
        if core::str::from_utf8(text).is_err() {
            return Err(FieldError::PlaintextNotUtf8 { pointer: column.pointer() }.into());
        }
        let quoted = cell.quoted || needs_quotes(text, place.delimiter, place.is_only);
        // The engine limits each compressed value, and not all of them together. What stands
        // behind is not counted: it may be tokens that are longer than their values.
        let limit = self.options.limits.max_document_len();
        let value_len = cell_len(text, quoted);
        // A limit that counted the text itself would tell where it is padded to hide that.
        let counted = self.options.padding.longest(plaintext, LONGEST_QUOTE);
        let counted = counted.map_or(value_len, |longest| longest.saturating_add(2));
        if len.saturating_add(counted) > limit {
            return Err(FieldError::GrowsTooLong { pointer: column.pointer(), limit }.into());
        }
        wiped::reserve(out, value_len + (row.len() - cell.end));
        append_cell(text, quoted, out);
        Ok(Some(counted))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use jwe_core::{DecryptionKey, Enc, EncryptionKey, Jwk, KeyOptions};
    use jwe_ring::RING;
    use proptest::prelude::*;

    use super::*;
    use crate::options::ShareCek;
    use crate::padding::Padding;
    use crate::test_support::runner;

    fn jwk() -> Jwk {
        Jwk::from_json(
            br#"{"kty":"oct","alg":"dir","kid":"1","k":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"}"#,
        )
        .unwrap()
    }

    fn engine(compress: bool) -> Encrypter {
        let key = EncryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
        let builder = Encrypter::builder(&RING, &key, Enc::A256Gcm);
        if compress { builder.compress() } else { builder }.build().unwrap()
    }

    fn decrypter() -> Decrypter {
        let key = DecryptionKey::import(&RING, &jwk(), &KeyOptions::new()).unwrap();
        Decrypter::new(&RING, [key], &[Enc::A256Gcm]).unwrap()
    }

    fn inflating() -> Decrypter {
        decrypter().allow_zip(Decrypter::DEFAULT_MAX_INFLATED)
    }

    fn sender(columns: &[&str], options: EncryptOptions) -> ColumnEncrypter {
        ColumnEncrypter::new(engine(false), columns.iter().copied(), options).unwrap()
    }

    fn recipient(columns: &[&str], options: DecryptOptions) -> ColumnDecrypter {
        let decrypter = if options.padding.is_none() { inflating() } else { decrypter() };
        ColumnDecrypter::new(decrypter, columns.iter().copied(), options).unwrap()
    }

    /// Applies the work behind other output, which stays.
    fn apply(work: &impl Work, row: &[u8]) -> Result<(Vec<u8>, usize), RecordError> {
        let mut out = b"before".to_vec();
        let mut scratch = Scratch::new();
        let outcome = work.apply(row, &mut out, &mut scratch);
        assert!(scratch.plaintext.is_empty() && scratch.token.is_empty());
        let row = out.strip_prefix(b"before").unwrap().to_vec();
        if outcome.is_err() {
            assert_eq!(row, b"");
        }
        Ok((row, outcome?))
    }

    fn encrypt(
        columns: &ColumnEncrypter,
        header: &str,
        row: &[u8],
    ) -> Result<Vec<u8>, RecordError> {
        apply(&columns.bind(header.as_bytes()).unwrap(), row).map(|(row, _)| row)
    }

    fn decrypt(
        columns: &ColumnDecrypter,
        header: &str,
        row: &[u8],
    ) -> Result<Vec<u8>, RecordError> {
        apply(&columns.bind(header.as_bytes()).unwrap(), row).map(|(row, _)| row)
    }

    fn field(outcome: Result<Vec<u8>, RecordError>) -> FieldError {
        match outcome {
            Err(RecordError::Field(error)) => error,
            other => panic!("{other:?}"),
        }
    }

    fn token(plaintext: &[u8]) -> String {
        engine(false).encrypt(plaintext).unwrap()
    }

    #[test]
    fn rows_come_back_byte_for_byte() {
        let header = "id,name,\"pin \"\"1\"\"\",note";
        let columns = ["pin \"1\"", "name"];
        let sender = sender(&columns, EncryptOptions::new());
        let recipient = recipient(&columns, DecryptOptions::new());
        let encrypts = sender.bind(header.as_bytes()).unwrap();
        let decrypts = recipient.bind(header.as_bytes()).unwrap();
        for row in [
            &b"1,John,1234,x"[..],
            b",,,",
            b"\"\",\"\",\"\",\"\"",
            b"1,\"John \"\"Jo\"\" Doe\",\"1\r\n2\n\",\"\n\"\"\"",
            b" 1 , \xc3\xa9 ,;\t', ",
            b"\xff,a,b,\"\xfe,\"\"\"",
            b"1,\"quoted for nothing\",=1+1,",
        ] {
            let (encrypted, count) = apply(&encrypts, row).unwrap();
            assert_eq!(count, 2);
            let cells = |row| Cells::new(row, b',').collect::<Result<Vec<Cell>, _>>().unwrap();
            for (at, (cell, was)) in cells(&encrypted).iter().zip(cells(row)).enumerate() {
                assert_eq!(cell.quoted, was.quoted);
                let content = cell.content(&encrypted);
                assert_eq!(token::is_token(content), at == 1 || at == 2);
                assert!(at == 1 || at == 2 || content == was.content(row));
            }
            assert_eq!(apply(&decrypts, &encrypted).unwrap(), (row.to_vec(), 2));
        }
    }

    #[test]
    fn the_plaintext_is_the_text_of_the_cell() {
        for (row, text) in [("a", "a"), (" \"a", ""), ("\"a\"\"b,\n\"", "a\"b,\n"), ("\"\"", "")] {
            let sender = sender(&["x"], EncryptOptions::new());
            let Ok(encrypted) = encrypt(&sender, "x", row.as_bytes()) else {
                assert_eq!(row, " \"a");
                continue;
            };
            let token = String::from_utf8(encrypted).unwrap();
            let plaintext = decrypter().decrypt(token.trim_matches('"')).unwrap();
            assert_eq!(plaintext.as_slice(), text.as_bytes());
        }
    }

    #[test]
    fn a_value_gets_quotes_where_it_must() {
        let recipient = recipient(&["x"], DecryptOptions::new());
        for (text, cell) in [
            ("a", "a"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("\r", "\"\r\""),
            ("a;b", "a;b"),
        ] {
            let row = format!("{},1", token(text.as_bytes()));
            let wanted = format!("{cell},1");
            assert_eq!(decrypt(&recipient, "x,y", row.as_bytes()).unwrap(), wanted.as_bytes());
        }
        // Alone in its row, an empty cell without quotes would be a blank line.
        assert_eq!(decrypt(&recipient, "x", token(b"").as_bytes()).unwrap(), b"\"\"");
        let semicolons = recipient.with_delimiter(Delimiter::SEMICOLON);
        for (text, cell) in [("a;b", "\"a;b\""), ("a,b", "a,b")] {
            let row = format!("1;{}", token(text.as_bytes()));
            let wanted = format!("1;{cell}");
            assert_eq!(decrypt(&semicolons, "y;x", row.as_bytes()).unwrap(), wanted.as_bytes());
        }
    }

    #[test]
    fn other_delimiters() {
        for delimiter in [Delimiter::SEMICOLON, Delimiter::TAB, Delimiter::new(b' ').unwrap()] {
            let sender = sender(&["b,c"], EncryptOptions::new()).with_delimiter(delimiter);
            let recipient = recipient(&["b,c"], DecryptOptions::new()).with_delimiter(delimiter);
            assert_eq!(
                (sender.delimiter(), recipient.delimiter()),
                (delimiter.get(), delimiter.get())
            );
            let text = |text: &str| {
                text.replace('|', char::from(delimiter.get()).encode_utf8(&mut [0; 4]))
            };
            let (header, row) = (text("a|b,c|d"), text("1,2|\"3|,\"|4,"));
            let encrypted = encrypt(&sender, &header, row.as_bytes()).unwrap();
            assert!(encrypted.starts_with(text("1,2|\"eyJ").as_bytes()));
            assert_eq!(decrypt(&recipient, &header, &encrypted).unwrap(), row.as_bytes());
        }
    }

    #[test]
    fn columns_are_found_by_their_exact_name() {
        let sender = sender(&["b", "a\"b"], EncryptOptions::new());
        let found = |header: &[u8]| {
            let bound = sender.bind(header).map_err(|error| (error.code(), error.to_string()));
            bound.map(|bound| bound.columns.iter().map(|column| column.at).collect::<Vec<_>>())
        };
        assert_eq!(found(b"b,\"a\"\"b\""), Ok(vec![0, 1]));
        assert_eq!(found(b"x,x,\"a\"\"b\",\xff,\"b\""), Ok(vec![2, 4]));
        for header in ["B,\"a\"\"b\"", " b,\"a\"\"b\"", "b ,\"a\"\"b\"", "", "\"a\"\"b\"", "x;b"] {
            let (code, text) = found(header.as_bytes()).unwrap_err();
            assert_eq!(code, "column_missing", "{header}");
            assert!(text.contains(" \"b\": "), "{text}");
        }
        assert_eq!(found(b"b,a").unwrap_err().0, "column_missing");
        for header in ["b,\"a\"\"b\",b", "b,\"b\",\"a\"\"b\"", "b,b", "\"b\",x,b,\"a\"\"b\",b"] {
            assert_eq!(found(header.as_bytes()).unwrap_err().0, "column_ambiguous", "{header}");
        }
        for (header, code) in [
            ("b,a\"b", "row_stray_quote"),
            ("b,\"a", "row_unclosed"),
            ("b\r,\"a\"\"b\"", "row_carriage_return"),
        ] {
            let (found, text) = found(header.as_bytes()).unwrap_err();
            assert_eq!(found, code, "{header}");
            assert!(text.starts_with("the first row, which names the columns: "), "{text}");
            assert!(text.contains("cell "), "{text}");
        }
        // No name is a name too.
        let empty = ColumnEncrypter::new(engine(false), [""], EncryptOptions::new()).unwrap();
        assert_eq!(empty.bind(b"a,,b").unwrap().columns[0].at, 1);
    }

    #[test]
    fn names_are_needed_and_each_once() {
        let none: [&str; 0] = [];
        let options = EncryptOptions::new();
        let error = ColumnEncrypter::new(engine(false), none, options).unwrap_err();
        assert_eq!(error, SelectorError::None.into());
        let error = ColumnDecrypter::new(decrypter(), none, DecryptOptions::new()).unwrap_err();
        assert_eq!(error, SelectorError::None.into());
        let repeated: SettingsError = SelectorError::Repeated { column: "b".to_owned() }.into();
        let names = ["b", "a", "c", "b"];
        let error = ColumnEncrypter::new(engine(false), names, options).unwrap_err();
        assert_eq!(error, repeated);
        let error = ColumnDecrypter::new(decrypter(), names, DecryptOptions::new()).unwrap_err();
        assert_eq!(error, repeated);
        assert_eq!(error.code(), "selector_repeated");
        assert_eq!(error.to_string(), "the column \"b\" is named twice: name it once");
    }

    #[test]
    fn rows_that_are_none_are_refused() {
        let sender = sender(&["b"], EncryptOptions::new());
        let recipient = recipient(&["b"], DecryptOptions::new());
        for (row, error) in [
            ("1", RowError::CellCount { expected: 2, found: 1 }),
            ("1,2,3", RowError::CellCount { expected: 2, found: 3 }),
            ("1,2,", RowError::CellCount { expected: 2, found: 3 }),
            ("\"1,2\"", RowError::CellCount { expected: 2, found: 1 }),
            ("1,2\"", RowError::StrayQuote { cell: 2 }),
            ("\"1\"x,2", RowError::StrayQuote { cell: 1 }),
            // What is wrong with the row comes before what is wrong with a cell.
            ("x,clear,\"", RowError::Unclosed { cell: 3 }),
            ("1,\r2", RowError::CarriageReturn { cell: 2 }),
        ] {
            let wanted = Err(RecordError::Row(error));
            assert_eq!(encrypt(&sender, "a,b", row.as_bytes()), wanted, "{row:?}");
            assert_eq!(decrypt(&recipient, "a,b", row.as_bytes()), wanted, "{row:?}");
        }
    }

    #[test]
    fn selected_cells_are_text() {
        let sender = sender(&["b"], EncryptOptions::new());
        let wanted = Err(RecordError::Row(RowError::NotUtf8 { cell: 2 }));
        assert_eq!(encrypt(&sender, "a,b", b"1,\xff"), wanted);
        assert_eq!(encrypt(&sender, "a,b", b"\xff,\"\xc3\""), wanted);
        let recipient = recipient(&["b"], DecryptOptions::new());
        let error = field(decrypt(&recipient, "a,b", b"1,\xff"));
        assert_eq!(error, FieldError::NotEncrypted { pointer: "/b".to_owned() });
        let row = format!("1,{}", token(b"\xff"));
        let error = field(decrypt(&recipient, "a,b", row.as_bytes()));
        assert_eq!(error, FieldError::PlaintextNotUtf8 { pointer: "/b".to_owned() });
    }

    #[test]
    fn the_pointer_is_the_name_of_the_column() {
        let recipient = recipient(&["a/b~c"], DecryptOptions::new());
        let error = field(decrypt(&recipient, "a/b~c", b"clear"));
        assert_eq!(error, FieldError::NotEncrypted { pointer: "/a~1b~0c".to_owned() });
        let error = field(decrypt(&recipient, "a/b~c", b"a.b.c.d.e"));
        assert!(matches!(error, FieldError::Decrypt { .. }), "{error:?}");
        assert_eq!(error.pointer(), Some("/a~1b~0c"));
        let mut damaged = token(b"1");
        let last = if damaged.pop() == Some('A') { 'Q' } else { 'A' };
        damaged.push(last);
        let error = field(decrypt(&recipient, "a/b~c", damaged.as_bytes()));
        assert_eq!(error.code(), "decryption_failed");
    }

    #[test]
    fn empty_cells_are_values_unless_they_are_skipped() {
        let header = "a,b,c";
        let row = b",\"\",x";
        let columns = ["a", "b", "c"];
        let skipping = sender(&columns, EncryptOptions::new().with_missing(Missing::Skip));
        let (encrypted, count) = apply(&skipping.bind(header.as_bytes()).unwrap(), row).unwrap();
        assert_eq!(count, 1);
        assert!(encrypted.starts_with(b",\"\",eyJ"));
        let strict = recipient(&columns, DecryptOptions::new());
        let error = field(decrypt(&strict, header, &encrypted));
        assert_eq!(error, FieldError::NotEncrypted { pointer: "/a".to_owned() });
        let skipping = recipient(&columns, DecryptOptions::new().with_missing(Missing::Skip));
        let bound = skipping.bind(header.as_bytes()).unwrap();
        assert_eq!(apply(&bound, &encrypted).unwrap(), (row.to_vec(), 1));
        // A column that is not there is no empty cell.
        assert_eq!(skipping.bind(b"a,b").unwrap_err().code(), "column_missing");
    }

    #[test]
    fn cells_that_are_encrypted_already() {
        let token = token(b"1");
        for row in [format!("{token},x"), format!("\"{token}\",x")] {
            let row = row.as_bytes();
            let options = EncryptOptions::new();
            let error = field(encrypt(&sender(&["a"], options), "a,b", row));
            assert_eq!(error, FieldError::AlreadyEncrypted { pointer: "/a".to_owned() });
            let leaving = sender(&["a"], options.with_already_encrypted(AlreadyEncrypted::Leave));
            assert_eq!(apply(&leaving.bind(b"a,b").unwrap(), row).unwrap(), (row.to_vec(), 0));
            let again = options.with_already_encrypted(AlreadyEncrypted::EncryptAgain);
            let twice = encrypt(&sender(&["a"], again), "a,b", row).unwrap();
            let recipient = recipient(&["a"], DecryptOptions::new());
            assert_eq!(decrypt(&recipient, "a,b", &twice).unwrap(), row);
        }
    }

    #[test]
    fn clear_cells_stay_if_they_may() {
        let options = DecryptOptions::new().with_clear_value(ClearValue::Leave);
        let recipient = recipient(&["a", "b"], options);
        let bound = recipient.bind(b"a,b,c").unwrap();
        for (cell, count) in [
            ("clear".to_owned(), 0),
            ("\"a \"\"quote\"\"\"".to_owned(), 0),
            ("\"a.b.c.d.e\"".to_owned(), 0),
            (String::new(), 0),
            (token(b"clear"), 1),
        ] {
            let row = format!("{cell},{},\"x\"", token(b"y"));
            let wanted = format!("{},y,\"x\"", if count == 1 { "clear" } else { &cell });
            let (row, values) = apply(&bound, row.as_bytes()).unwrap();
            assert_eq!((row.as_slice(), values), (wanted.as_bytes(), count + 1));
        }
        let (row, values) = apply(&bound, b"\xff,,").unwrap();
        assert_eq!((row.as_slice(), values), (&b"\xff,,"[..], 0));
    }

    /// Whether a row exceeds the limit tells nothing of texts that are padded.
    #[test]
    fn limits_tell_nothing_of_padded_texts() {
        let padding = Padding::to_bucket(512).unwrap();
        let smallest = |text: &str| {
            let sender = sender(&["b", "c"], EncryptOptions::new().with_padding(padding));
            let row = encrypt(&sender, "a,b,c", format!("x,{text},{text}").as_bytes()).unwrap();
            (5..5000).find(|limit| {
                let limits = DocumentLimits::default().with_max_document_len(*limit);
                let options = DecryptOptions::new().with_padding(padding).with_limits(limits);
                decrypt(&recipient(&["b", "c"], options), "a,b,c", &row).is_ok()
            })
        };
        let wanted = 2 * (512 * LONGEST_QUOTE + 2) + "x,,".len();
        let quotes = format!("\"{}\"", "\"\"".repeat(512));
        for text in ["", "1234", &"x".repeat(512), &quotes] {
            assert_eq!(smallest(text), Some(wanted), "{text}");
        }
        let options = DecryptOptions::new().with_padding(padding);
        let error = ColumnDecrypter::new(inflating(), ["a"], options).unwrap_err();
        assert_eq!(error, SettingsError::PaddingCompressed);
    }

    #[test]
    fn limits_hold_for_each_row() {
        let limits = DocumentLimits::default().with_max_document_len(10).with_max_values(2);
        let sending = sender(&["a"], EncryptOptions::new().with_limits(limits));
        assert!(encrypt(&sending, "a,b", b"12345,7890").is_ok());
        let error = field(encrypt(&sending, "a,b", b"12345,78901"));
        assert_eq!(error, FieldError::TooLong { limit: 10 });
        assert_eq!(sending.bind(b"a,b,c,d,e,f").unwrap_err().code(), "document_too_long");
        let many = sender(&["a", "b", "c"], EncryptOptions::new().with_limits(limits));
        assert_eq!(many.bind(b"a,b,c").unwrap_err().code(), "too_many_values");

        // Two values that are short as long as they are compressed.
        let long = engine(true).encrypt(&[b'"'; 5000]).unwrap();
        let row = format!("x,{long},{long}");
        for (limit, pointer) in
            [(10_003, Some("/b")), (10_004, Some("/c")), (20_006, Some("/c")), (20_007, None)]
        {
            let limits = DocumentLimits::default().with_max_document_len(limit);
            let recipient = recipient(&["b", "c"], DecryptOptions::new().with_limits(limits));
            let outcome = decrypt(&recipient, "a,b,c", row.as_bytes());
            match pointer {
                Some(pointer) => assert_eq!(
                    field(outcome),
                    FieldError::GrowsTooLong { pointer: pointer.to_owned(), limit }
                ),
                None => assert_eq!(outcome.unwrap().len(), limit),
            }
        }
        // What stands behind the last value counts, too.
        let row = format!("{long},behind");
        for (limit, is_refused) in [(10_008, true), (10_009, false)] {
            let limits = DocumentLimits::default().with_max_document_len(limit);
            let recipient = recipient(&["a"], DecryptOptions::new().with_limits(limits));
            let outcome = decrypt(&recipient, "a,b", row.as_bytes());
            if is_refused {
                let pointer = "/a".to_owned();
                assert_eq!(field(outcome), FieldError::GrowsTooLong { pointer, limit });
            } else {
                assert_eq!(outcome.unwrap().len(), limit);
            }
        }
    }

    #[test]
    fn the_cells_of_one_row_share_a_key_if_they_may() {
        let jwk = br#"{"kty":"oct","alg":"A128KW","kid":"k","k":"AAECAwQFBgcICQoLDA0ODw"}"#;
        let jwk = Jwk::from_json(jwk).unwrap();
        let key = EncryptionKey::import(&RING, &jwk, &KeyOptions::new()).unwrap();
        let encrypter = Encrypter::new(&RING, &key, Enc::A256Gcm).unwrap();
        let key = DecryptionKey::import(&RING, &jwk, &KeyOptions::new()).unwrap();
        let decrypter = Decrypter::new(&RING, [key], &[Enc::A256Gcm]).unwrap();
        let names = ["a", "b", "c"];
        let recipient = ColumnDecrypter::new(decrypter, names, DecryptOptions::new()).unwrap();
        let decrypts = recipient.bind(b"a,b,c,d").unwrap();
        let rows = [&b"1,\"2\",,4"[..], b"1,1,1,1"];
        for (share, distinct) in [(ShareCek::No, 6), (ShareCek::Document, 2)] {
            let options = EncryptOptions::new().with_share_cek(share);
            let sender = ColumnEncrypter::new(encrypter.clone(), names, options).unwrap();
            let encrypts = sender.bind(b"a,b,c,d").unwrap();
            let mut encrypted_keys = HashSet::new();
            let mut ivs = HashSet::new();
            let (mut encrypted, mut decrypted) = (Vec::new(), Vec::new());
            let mut scratch = Scratch::new();
            for row in rows {
                encrypted.clear();
                decrypted.clear();
                assert_eq!(encrypts.apply(row, &mut encrypted, &mut scratch), Ok(3));
                for token in String::from_utf8(encrypted.clone()).unwrap().split(',').take(3) {
                    let mut parts = token.trim_matches('"').split('.').skip(1).map(str::to_owned);
                    encrypted_keys.insert(parts.next().unwrap());
                    ivs.insert(parts.next().unwrap());
                }
                assert_eq!(decrypts.apply(&encrypted, &mut decrypted, &mut scratch), Ok(3));
                assert_eq!(decrypted, row);
            }
            assert_eq!((encrypted_keys.len(), ivs.len()), (distinct, 6));
        }
    }

    #[test]
    fn memory_is_used_again() {
        let names: Vec<String> = (0..300).map(|at| format!("column {at}")).collect();
        let header = names.join(",");
        let selected: Vec<&str> = names.iter().step_by(7).map(String::as_str).rev().collect();
        let sender = sender(&selected, EncryptOptions::new());
        let recipient = recipient(&selected, DecryptOptions::new());
        let encrypts = sender.bind(header.as_bytes()).unwrap();
        let decrypts = recipient.bind(header.as_bytes()).unwrap();
        let row: Vec<String> = (0..300).map(|at| format!("value {at}")).collect();
        let row = row.join(",");
        let (mut encrypted, mut decrypted) = (Vec::new(), Vec::new());
        let mut scratch = Scratch::new();
        let mut used = Vec::new();
        for _ in 0..3 {
            encrypted.clear();
            let count = encrypts.apply(row.as_bytes(), &mut encrypted, &mut scratch);
            assert_eq!(count, Ok(selected.len()));
            decrypted.clear();
            let count = decrypts.apply(&encrypted, &mut decrypted, &mut scratch);
            assert_eq!(count, Ok(selected.len()));
            assert_eq!(decrypted, row.as_bytes());
            let scratch = scratch.memory();
            used.push((encrypted.as_ptr(), encrypted.capacity(), decrypted.as_ptr(), scratch));
        }
        assert_eq!(used[1], used[2]);
        // Of a row with as many cells as bytes, only the selected ones are held.
        let before = scratch.memory();
        let outcome = encrypts.apply(&[b','; 100_000], &mut encrypted, &mut scratch);
        assert_eq!(outcome.unwrap_err().code(), "row_cell_count");
        assert_eq!(scratch.memory(), before);
    }

    #[test]
    fn arbitrary_rows_come_back() {
        let cell = (
            prop_oneof![
                proptest::string::string_regex("[a\",;\r\n é.]{0,6}").unwrap(),
                any::<String>()
            ],
            any::<bool>(),
        );
        let table = (1..6_usize).prop_flat_map(move |len| {
            (
                proptest::collection::vec(cell.clone(), len),
                proptest::collection::vec(any::<bool>(), len),
                proptest::sample::select(b",;\t ".to_vec()),
            )
        });
        runner(300)
            .run(&table, |(cells, chosen, delimiter)| {
                let join = |cells: Vec<Vec<u8>>| cells.join(&delimiter);
                let row = join(
                    cells
                        .iter()
                        .map(|(text, quoted)| {
                            let mut cell = Vec::new();
                            let text = text.as_bytes();
                            let is_only = cells.len() == 1;
                            let quoted = *quoted || needs_quotes(text, delimiter, is_only);
                            append_cell(text, quoted, &mut cell);
                            cell
                        })
                        .collect(),
                );
                let header = join((0..cells.len()).map(|at| at.to_string().into_bytes()).collect());
                let mut columns: Vec<String> =
                    (0..cells.len()).filter(|at| chosen[*at]).map(|at| at.to_string()).collect();
                if columns.is_empty() {
                    columns.push("0".to_owned());
                }
                let count = columns.len();
                let delimiter = Delimiter::new(delimiter).unwrap();
                let sender =
                    ColumnEncrypter::new(engine(false), columns.clone(), EncryptOptions::new())
                        .unwrap()
                        .with_delimiter(delimiter);
                let recipient = ColumnDecrypter::new(decrypter(), columns, DecryptOptions::new())
                    .unwrap()
                    .with_delimiter(delimiter);
                let encrypted = apply(&sender.bind(&header).unwrap(), &row).unwrap();
                prop_assert_eq!(encrypted.1, count);
                let decrypted = apply(&recipient.bind(&header).unwrap(), &encrypted.0).unwrap();
                prop_assert_eq!(decrypted, (row, count));
                Ok(())
            })
            .unwrap();
    }
}
