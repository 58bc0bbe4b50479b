//! A statement in columns, as a terminal shows it.

use crate::engine::statement::{Entry, Statement};
use crate::engine::words::Speaker;
use unicode_width::UnicodeWidthStr;

/// The account as text; the titles of the columns are the speaker's.
pub fn print(statement: &Statement, speaker: Speaker) -> String {
    let Statement { header, currencies, rewards } = statement;
    let wide = header.iter().map(|(title, _)| title.width()).max().unwrap_or(0);
    let mut text: String = header.iter().map(|(title, text)| format!("{}  {text}\n", padded(title, wide))).collect();
    let say = |ko: &str, en: &str| speaker.either(ko, en);
    for points in currencies {
        text += &format!("\n{}\n", points.title);
        text.extend(points.notes.iter().map(|note| format!("  {note}\n")));
        let titles = [say("날짜", "Date"), say("내용", "What"), say("변동", "Change"), say("잔액", "Balance")];
        text += &table(titles, &points.entries);
    }
    if !rewards.is_empty() {
        text += &format!("\n{}\n", say("받은 혜택", "Rewards"));
        text.extend(rewards.iter().map(|Entry { date, text, .. }| format!("  {date}  {text}\n")));
    }
    text
}

fn table(titles: [String; 4], entries: &[Entry]) -> String {
    if entries.is_empty() {
        return String::new();
    }
    let cells = |entry: &Entry| [&entry.date, &entry.text, &entry.change, &entry.balance].map(String::clone);
    let rows: Vec<[String; 4]> = std::iter::once(titles).chain(entries.iter().map(cells)).collect();
    let wide = [0, 1, 2, 3].map(|column| rows.iter().map(|row| row[column].width()).max().unwrap_or(0));
    let mut text = String::from("\n");
    for [date, words, change, balance] in rows {
        let (date, words) = (padded(&date, wide[0]), padded(&words, wide[1]));
        let gap = |text: &str, wide: usize| " ".repeat(wide.saturating_sub(text.width()));
        text += &format!("  {date}  {words}  {}{change}  {}{balance}\n", gap(&change, wide[2]), gap(&balance, wide[3]));
    }
    text
}

/// Filled up to so many columns: Hangul takes two.
fn padded(text: &str, wide: usize) -> String {
    format!("{text}{}", " ".repeat(wide.saturating_sub(text.width())))
}
