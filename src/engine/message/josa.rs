//! Korean particles that follow the sound before them: 을/를, 이/가, 은/는, 와/과, 으로/로 (studio.md section 4, Josa).

use crate::engine::base::text::{cut, join};

/// How a word ends, as far as particles care.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Vowel,
    Rieul,
    Consonant,
}

/// The particle after `word`. `pair` names both forms in either order, `을/를` or `를/을`.
/// A word whose reading is not known gets both, `을(를)`.
pub fn particle(word: &str, pair: &str) -> String {
    let Some((first, second)) = cut(pair, b'/') else { return pair.to_string() };
    let (closed, open) = if is_open(first) { (second, first) } else { (first, second) };
    match ending(word) {
        Some(Ending::Vowel) => open.to_string(),
        // ㄹ takes 로, not 으로, and else the form after a consonant.
        Some(Ending::Rieul) if closed.starts_with("으") => open.to_string(),
        Some(_) => closed.to_string(),
        // 으로 and 로 share their end, written (으)로.
        None => match closed.strip_suffix(open) {
            Some(more) => join(&["(", more, ")", open]),
            None => join(&[closed, "(", open, ")"]),
        },
    }
}

/// Whether this form follows a vowel.
fn is_open(form: &str) -> bool {
    "를가는와로랑야여나라든예였".chars().any(|open| form.starts_with(open))
}

/// Whether it names both forms of a particle.
#[cfg(feature = "studio")]
pub fn is_pair(pair: &str) -> bool {
    cut(pair, b'/').is_some_and(|(one, other)| is_open(one) != is_open(other))
}

/// Whether it is known how a word ends.
#[cfg(feature = "studio")]
pub fn is_readable(word: &str) -> bool {
    ending(word).is_some()
}

fn ending(word: &str) -> Option<Ending> {
    let closes =
        |letter: &char| letter.is_whitespace() || ")]}>\"'”’」』》〉）］".chars().any(|closer| closer == *letter);
    let letter = word.chars().rev().find(|letter| !closes(letter))?;
    match letter {
        '가'..='힣' => Some(match (u32::from(letter) - 0xAC00) % 28 {
            0 => Ending::Vowel,
            8 => Ending::Rieul,
            _ => Ending::Consonant,
        }),
        // A syllable written in conjoining letters: a final consonant closes it.
        '\u{1161}'..='\u{1175}' => Some(Ending::Vowel),
        '\u{11AF}' => Some(Ending::Rieul),
        '\u{11A8}'..='\u{11C2}' => Some(Ending::Consonant),
        // Sino-Korean: 영 일 이 삼 사 오 육 칠 팔 구.
        '1' | '7' | '8' => Some(Ending::Rieul),
        '0' | '3' | '6' => Some(Ending::Consonant),
        '2' | '4' | '5' | '9' => Some(Ending::Vowel),
        // Names of letters: 엘 알, 엠 엔; all others end in a vowel.
        'L' | 'R' => Some(Ending::Rieul),
        'M' | 'N' => Some(Ending::Consonant),
        'A'..='Z' => Some(Ending::Vowel),
        _ => None,
    }
}
