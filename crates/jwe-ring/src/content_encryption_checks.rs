//! What every content encryption object must do, whichever library is under it.

use jwe_core::{BackendError, ContentEncryption};

use crate::test_data::random;

/// A sealed message with all that opens it.
struct Sealed {
    cek: Vec<u8>,
    iv: Vec<u8>,
    aad: Vec<u8>,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl Sealed {
    fn new(object: &dyn ContentEncryption, plaintext: &[u8]) -> Self {
        let enc = object.enc();
        let (cek, iv, aad) = (random(enc.cek_len()), random(enc.iv_len()), random(40));
        let mut buf = vec![0xee; enc.ciphertext_len(plaintext.len()).unwrap()];
        buf[..plaintext.len()].copy_from_slice(plaintext);
        let mut tag = vec![0; enc.tag_len()];
        object.seal(&cek, &iv, &aad, &mut buf, plaintext.len(), &mut tag).unwrap();
        Self { cek, iv, aad, ciphertext: buf, tag }
    }

    fn open(&self, object: &dyn ContentEncryption) -> Result<Vec<u8>, BackendError> {
        let mut buf = self.ciphertext.clone();
        match object.open(&self.cek, &self.iv, &self.aad, &mut buf, &self.tag) {
            Ok(len) => {
                buf.truncate(len);
                Ok(buf)
            }
            Err(error) => {
                assert!(buf.iter().all(|byte| *byte == 0), "unverified bytes are left");
                Err(error)
            }
        }
    }
}

/// One published vector: what `seal` must write and `open` must take.
pub(crate) struct KnownAnswer<'a> {
    pub(crate) cek: &'a [u8],
    pub(crate) iv: &'a [u8],
    pub(crate) aad: &'a [u8],
    pub(crate) plaintext: &'a [u8],
    pub(crate) ciphertext: &'a [u8],
    pub(crate) tag: &'a [u8],
}

impl KnownAnswer<'_> {
    pub(crate) fn check(&self, object: &dyn ContentEncryption) {
        let mut buf = vec![0xee; self.ciphertext.len()];
        buf[..self.plaintext.len()].copy_from_slice(self.plaintext);
        let mut tag = vec![0; self.tag.len()];
        object.seal(self.cek, self.iv, self.aad, &mut buf, self.plaintext.len(), &mut tag).unwrap();
        assert_eq!(buf, self.ciphertext);
        assert_eq!(tag, self.tag);
        let opened = object.open(self.cek, self.iv, self.aad, &mut buf, self.tag);
        assert_eq!(opened, Ok(self.plaintext.len()));
        assert_eq!(buf[..self.plaintext.len()], *self.plaintext);
    }
}

/// Every length from nothing to several blocks comes back.
pub(crate) fn round_trips(object: &dyn ContentEncryption) {
    for len in (0..=130).chain([4095, 4096, 65536]) {
        let plaintext = random(len);
        let sealed = Sealed::new(object, &plaintext);
        assert_eq!(sealed.open(object), Ok(plaintext), "{len} bytes");
    }
}

/// One flipped bit in what is authenticated, or another length of the ciphertext, is one error.
pub(crate) fn changes_are_refused(object: &dyn ContentEncryption) {
    for len in [0, 1, 16, 33] {
        let mut sealed = Sealed::new(object, &random(len));
        let parts: [fn(&mut Sealed) -> &mut Vec<u8>; 4] = [
            |sealed| &mut sealed.iv,
            |sealed| &mut sealed.aad,
            |sealed| &mut sealed.ciphertext,
            |sealed| &mut sealed.tag,
        ];
        for part in parts {
            for bit in 0..part(&mut sealed).len() * 8 {
                part(&mut sealed)[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(sealed.open(object), Err(BackendError), "bit {bit}");
                part(&mut sealed)[bit / 8] ^= 1 << (bit % 8);
            }
        }
        // Of a CBC member's CEK, only MAC_KEY has a part in the tag: with another ENC_KEY, the
        // text turns out another.
        let cek_bits = sealed.cek.len() * if object.enc().is_cbc() { 4 } else { 8 };
        for bit in 0..cek_bits {
            sealed.cek[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(sealed.open(object), Err(BackendError), "bit {bit} of the CEK");
            sealed.cek[bit / 8] ^= 1 << (bit % 8);
        }
        let whole = sealed.ciphertext.clone();
        for cut in 0..whole.len() {
            sealed.ciphertext = whole[..cut].to_vec();
            assert_eq!(sealed.open(object), Err(BackendError), "cut to {cut}");
        }
        for more in [1, 15, 16] {
            sealed.ciphertext = whole.clone();
            sealed.ciphertext.resize(whole.len() + more, 0);
            assert_eq!(sealed.open(object), Err(BackendError), "{more} more");
        }
    }
}

/// Keys, initialization vectors, tags and buffers of any other length than the right one.
pub(crate) fn wrong_lengths_are_refused(object: &dyn ContentEncryption) {
    let enc = object.enc();
    let sealed = Sealed::new(object, &[7; 20]);
    let [cek, iv, tag] = [enc.cek_len(), enc.iv_len(), enc.tag_len()];
    let seal = |lens: [usize; 3], buf_len: usize, plaintext_len: usize| {
        object.seal(
            &vec![1; lens[0]],
            &vec![2; lens[1]],
            &[],
            &mut vec![3; buf_len],
            plaintext_len,
            &mut vec![4; lens[2]],
        )
    };
    let buf_len = enc.ciphertext_len(20).unwrap();
    assert_eq!(seal([cek, iv, tag], buf_len, 20), Ok(()));
    for len in 0..=80 {
        for (which, right) in [cek, iv, tag].into_iter().enumerate().filter(|(_, r)| *r != len) {
            let mut lens = [cek, iv, tag];
            lens[which] = len;
            assert_eq!(seal(lens, buf_len, 20), Err(BackendError), "{lens:?} for {right}");
            let mut changed = Sealed::new(object, &[7; 20]);
            [&mut changed.cek, &mut changed.iv, &mut changed.tag][which].resize(len, 0);
            assert_eq!(changed.open(object), Err(BackendError), "{lens:?} for {right}");
        }
        if len != buf_len {
            assert_eq!(seal([cek, iv, tag], len, 20), Err(BackendError), "buffer of {len}");
        }
    }
    assert_eq!(seal([cek, iv, tag], buf_len, usize::MAX), Err(BackendError));
    // A tag that is only the beginning of the right one, down to nothing.
    for len in 0..sealed.tag.len() {
        let mut buf = sealed.ciphertext.clone();
        let opened =
            object.open(&sealed.cek, &sealed.iv, &sealed.aad, &mut buf, &sealed.tag[..len]);
        assert_eq!(opened, Err(BackendError), "tag of {len} bytes");
        assert!(buf.iter().all(|byte| *byte == 0));
    }
}
