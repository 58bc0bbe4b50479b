//! What a message says.

use danbi::engine::base::value::Value;

/// The words of each of its blocks, from top to bottom: of buttons and choices those of each.
pub fn words(view: &Value) -> Vec<Vec<String>> {
    let text = |value: &Value| value.text().unwrap_or_default().to_string();
    let labels = |list: &Value| list.list().iter().map(|one| text(one.field("label"))).collect();
    let of = |(kind, content): (&str, &Value)| match kind {
        "progress" => vec![text(content.field("label"))],
        "image" => vec![text(content.field("src"))],
        "buttons" => labels(content),
        "choice" => labels(content.field("options")),
        "survey" => {
            let questions = content.field("questions").list().iter();
            questions.map(|question| text(question.field("title"))).collect()
        }
        "tier" => vec![text(content.field("text"))],
        // What its buttons are called the package knows.
        "share" => content.field("channels").list().iter().chain([content.field("title")]).map(text).collect(),
        "store" => vec![text(content.field("name"))],
        _ => vec![text(content)],
    };
    view.field("blocks").list().iter().flat_map(Value::members).map(of).collect()
}
