//! Texts within HTML: nothing that comes from data is ever markup or script.

/// A text as it may stand between tags and in quoted attributes.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Control characters, which HTML does not have.
            c if c.is_control() && c != '\n' && c != '\t' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// JSON as it may stand within a `script` element: no `<` can end it.
pub(super) fn within_script(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            // Outside of its texts JSON has none of these.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out
}

/// The template with each `{{name}}` replaced by `value(name)`, in one go: what is put in is not looked at again.
pub(super) fn fill(template: &str, value: impl Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (name, rest) = part.split_once("}}").expect("the template closes what it opens");
        out += &value(name);
        out += rest;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_is_not_looked_at_again() {
        let filled = fill("<a>{{x}}</a>{{y}}", |name| if name == "x" { "{{y}}".to_string() } else { "2".to_string() });
        assert_eq!(filled, "<a>{{y}}</a>2");
        assert_eq!(escape("<b a='1'>&\"\0"), "&lt;b a=&#39;1&#39;&gt;&amp;&quot;\u{fffd}");
        assert_eq!(within_script("\"</script>\u{2028}\""), "\"\\u003c/script\\u003e\\u2028\"");
    }
}
