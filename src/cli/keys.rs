//! Checkpoints verified natively: Ed25519 over the exact bytes of the base64url payload. A page does the same with WebCrypto
//! (`pkg/src/host/checkpoint.ts`); both run the cases of `tests/cases/checkpoint.json`.

use super::json;
use crate::engine::base::value::Value;
use crate::engine::signal::CHECKPOINT;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::{Signature, VerifyingKey};

/// Public keys by `kid`.
#[derive(Default)]
pub struct Keys(Vec<(String, VerifyingKey)>);

impl Keys {
    /// Reads `{KID: key}`, each the 32 bytes in base64url or a JWK. The error is in words.
    pub fn read(text: &str) -> Result<Keys, String> {
        let keys = json::parse(text)?;
        let keys = keys.map().ok_or("expected an object: {\"KID\": \"base64url\"}")?;
        let read = |(id, key): (&str, &Value)| {
            let bytes = key.text().or(key.field("x").text()).and_then(decode);
            let key = bytes.and_then(|bytes| VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok());
            key.map(|key| (id.to_string(), key))
                .ok_or_else(|| format!("/{id}: expected the 32 bytes of an Ed25519 public key in base64url, or a JWK"))
        };
        Ok(Keys(keys.iter().map(read).collect::<Result<_, _>>()?))
    }

    /// What a line proves, for `Replay::add_proven`: the payload of a checkpoint whose signature is good, or in a word why it is not.
    pub fn prove(&self, line: &Value) -> Value {
        if self.0.is_empty() || line.field("event").text() != Some(CHECKPOINT) {
            return Value::Null;
        }
        self.verify(line.field("properties")).unwrap_or_else(Value::from)
    }

    fn verify(&self, carried: &Value) -> Result<Value, &'static str> {
        let written = carried.field("payload").text().ok_or("payload")?;
        let text = decode(written).and_then(|bytes| String::from_utf8(bytes).ok()).ok_or("payload")?;
        let payload = json::parse(&text).ok().filter(|payload| payload.map().is_some()).ok_or("payload")?;
        let key = payload.field("kid").text().and_then(|kid| self.0.iter().find(|(id, _)| id == kid));
        let (_, key) = key.ok_or("key")?;
        let signature = carried.field("sig").text().and_then(decode);
        let signature = signature.and_then(|bytes| Signature::from_slice(&bytes).ok()).ok_or("signature")?;
        key.verify_strict(written.as_bytes(), &signature).map_err(|_| "signature")?;
        Ok(payload)
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::value::Map;

    #[test]
    fn keys_are_read_or_refused() {
        let key = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        assert_eq!(
            Keys::read(&format!("{{\"a\": \"{key}\", \"b\": {{\"kty\": \"OKP\", \"x\": \"{key}\"}}}}"))
                .unwrap()
                .0
                .len(),
            2
        );
        for text in ["[]", "{\"a\": 7}", "{\"a\": \"AAAA\"}", "{\"a\": \"+++\"}", "{"] {
            assert!(Keys::read(text).is_err(), "{text}");
        }
        let line = Map::new().with("event", CHECKPOINT).with("properties", Map::new());
        assert_eq!(Keys::default().prove(&line.into()), Value::Null);
    }
}
