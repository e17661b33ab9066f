//! Records in files, and what sends them through a [`RecordStream`] from file to file.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::num::NonZero;
use std::path::{Path, PathBuf};

use jwe::{Decrypter, Encrypter};
use jwe_fields::records::{ColumnEncrypter, Progress, RecordStream, Rejected, Sink};
use jwe_fields::{
    DecryptOptions, EncryptOptions, FieldDecrypter, FieldEncrypter, Selector, ShareCek,
};
use tempfile::TempDir;

/// Members of a customer whose values have 16 bytes.
pub const SENSITIVE: [&str; 4] = ["account", "password", "tax_number", "phone"];

/// The pseudo-random numbers of Park and Miller: the same in each run.
struct Numbers(u32);

impl Numbers {
    fn next(&mut self, below: u32) -> u32 {
        self.0 = (u64::from(self.0) * 48271 % 0x7fff_ffff) as u32;
        self.0 % below
    }
}

/// A customer with four sensitive values of 16 bytes.
struct Customer {
    id: usize,
    sensitive: [String; 4],
    city: &'static str,
    balance: String,
    since: String,
    active: bool,
}

impl Customer {
    fn new(id: usize, numbers: &mut Numbers) -> Self {
        let mut digits = |head: &str| {
            let len = 16 - head.len();
            let text: String =
                (0..len).map(|_| char::from(b'0' + numbers.next(10) as u8)).collect();
            format!("{head}{text}")
        };
        let sensitive = [digits("FR76"), digits("pw-"), digits("T"), digits("+33")];
        let city = ["Paris", "Lyon", "Nantes", "Lille", "Rennes"][numbers.next(5) as usize];
        let balance = format!("{}.{:02}", numbers.next(90_000) + 10_000, numbers.next(100));
        let (year, month, day) = (numbers.next(20), numbers.next(12), numbers.next(28));
        let since = format!("{}-{:02}-{:02}", 2005 + year, month + 1, day + 1);
        Self { id, sensitive, city, balance, since, active: numbers.next(2) == 1 }
    }

    /// A line or an array's element, of about 200 bytes.
    fn json(&self) -> String {
        let Self { id, sensitive: [account, password, tax_number, phone], .. } = self;
        let Self { city, balance, since, active, .. } = self;
        format!(
            "{{\"id\":{id},\"account\":\"{account}\",\"password\":\"{password}\",\
             \"tax_number\":\"{tax_number}\",\"phone\":\"{phone}\",\"city\":\"{city}\",\
             \"balance\":{balance},\"since\":\"{since}\",\"active\":{active}}}"
        )
    }

    fn row(&self) -> String {
        let Self { id, sensitive: [account, password, tax_number, phone], .. } = self;
        let Self { city, balance, since, active, .. } = self;
        format!("{id},{account},{password},{tax_number},{phone},{city},{balance},{since},{active}")
    }
}

fn customers(count: usize) -> impl Iterator<Item = Customer> {
    let mut numbers = Numbers(1);
    (0..count).map(move |number| Customer::new(1_000_000 + number, &mut numbers))
}

/// The sensitive values of so many customers, as [`ndjson`] has them.
#[must_use]
pub fn sensitive_values(count: usize) -> Vec<[String; 4]> {
    customers(count).map(|customer| customer.sensitive).collect()
}

/// So many customers, one a line.
#[must_use]
pub fn ndjson(count: usize) -> String {
    customers(count).map(|customer| customer.json() + "\n").collect()
}

/// So many customers in one array, one a line.
#[must_use]
pub fn json_array(count: usize) -> String {
    let elements: Vec<String> = customers(count).map(|customer| customer.json()).collect();
    format!("[\n{}\n]\n", elements.join(",\n"))
}

/// So many customers as CSV.
#[must_use]
pub fn csv(count: usize) -> String {
    let head = "id,account,password,tax_number,phone,city,balance,since,active\n".to_owned();
    customers(count).fold(head, |rows, customer| rows + &customer.row() + "\n")
}

/// Records of NDJSON with one sensitive value of `len` bytes, the `account`.
#[must_use]
pub fn long_values(count: usize, len: usize) -> String {
    let value = "a".repeat(len);
    (0..count).map(|id| format!("{{\"id\":{id},\"account\":\"{value}\"}}\n")).collect()
}

/// Selects the first so many of the [`SENSITIVE`] members.
fn selectors(count: usize) -> impl Iterator<Item = Selector> {
    SENSITIVE[..count].iter().map(|name| Selector::parse(&format!("/{name}")).unwrap())
}

/// Encrypts the first so many of the [`SENSITIVE`] members.
#[must_use]
pub fn field_encrypter(encrypter: &Encrypter, count: usize, share_cek: ShareCek) -> FieldEncrypter {
    let options = EncryptOptions::new().with_share_cek(share_cek);
    FieldEncrypter::new(encrypter.clone(), selectors(count), options).unwrap()
}

/// Encrypts the first so many of the [`SENSITIVE`] columns.
#[must_use]
pub fn column_encrypter(encrypter: &Encrypter, count: usize) -> ColumnEncrypter {
    let names = SENSITIVE[..count].iter().copied();
    ColumnEncrypter::new(encrypter.clone(), names, EncryptOptions::new()).unwrap()
}

/// Decrypts the first so many of the [`SENSITIVE`] members.
#[must_use]
pub fn field_decrypter(decrypter: &Decrypter, count: usize) -> FieldDecrypter {
    FieldDecrypter::new(decrypter.clone(), selectors(count), DecryptOptions::new()).unwrap()
}

/// Sets the number of threads.
#[must_use]
pub fn on_threads(stream: RecordStream<'_>, threads: usize) -> RecordStream<'_> {
    stream.with_threads(NonZero::new(threads).unwrap())
}

/// A folder for input and output, which is removed on drop.
#[derive(Debug)]
pub struct Folder {
    folder: TempDir,
    outputs: Cell<usize>,
}

impl Folder {
    /// A new one in the system's folder for such, which `TMPDIR` names.
    #[must_use]
    pub fn new() -> Self {
        Self { folder: TempDir::with_prefix("jwe-benches-").unwrap(), outputs: Cell::new(0) }
    }

    /// Where a file of that name is or would be.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Another path in each call. A benchmark writes a new file each time, as the command does, and
    /// does not spend its time on taking an old one from the disk.
    #[must_use]
    pub fn output(&self) -> PathBuf {
        self.outputs.set(self.outputs.get() + 1);
        self.path(&format!("output {}", self.outputs.get()))
    }

    /// Makes a file.
    #[must_use]
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

/// Writes to a file. A record that is refused ends the benchmark.
struct FileSink(File);

impl Sink for FileSink {
    fn write(&mut self, output: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.0, output)
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        Err(io::Error::other(format!("record {}: {}", rejected.record, rejected.error)))
    }
}

/// Counts what is written. A record that is refused ends the benchmark.
struct CountingSink(u64);

impl Sink for CountingSink {
    fn write(&mut self, output: &[u8]) -> io::Result<()> {
        self.0 += output.len() as u64;
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected<'_>) -> io::Result<()> {
        Err(io::Error::other(format!("record {}: {}", rejected.record, rejected.error)))
    }
}

/// Sends all records from memory to nowhere, and returns how many bytes came out.
#[must_use]
pub fn in_memory(stream: &RecordStream<'_>, input: &[u8]) -> u64 {
    let mut sink = CountingSink(0);
    stream.run(input, &mut sink).unwrap();
    sink.0
}

/// Opens both files, sends all records from one to the other and closes them.
#[must_use]
pub fn from_file_to_file(stream: &RecordStream<'_>, input: &Path, output: &Path) -> Progress {
    let sink = FileSink(File::create(output).unwrap());
    stream.run(File::open(input).unwrap(), sink).unwrap()
}

#[cfg(test)]
mod tests {
    use super::{csv, json_array, ndjson, sensitive_values};

    #[test]
    fn records_are_of_the_length_and_the_form_that_they_are_said_to_be() {
        let (lines, values) = (ndjson(1000), sensitive_values(1000));
        assert!((190..=230).contains(&(lines.len() / 1000)), "{}", lines.len());
        assert_eq!(lines.lines().count(), 1000);
        for (line, values) in lines.lines().zip(&values) {
            for value in values {
                assert_eq!(value.len(), 16);
                assert!(line.contains(&format!(":\"{value}\"")), "{line}");
            }
        }
        assert!(csv(2).lines().nth(2).unwrap().contains(&values[1].join(",")));
        assert_eq!(json_array(3).lines().count(), 5);
    }
}
