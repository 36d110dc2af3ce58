//! What stands in a request: strings that are written out, and what is beside them.

use oxc_ast::ast::*;

/// `"name"` of `x["name"]`.
pub(super) fn literal_key<'a>(expression: &Expression<'a>) -> Option<&'a str> {
    match expression {
        Expression::StringLiteral(text) if !text.lone_surrogates => Some(text.value.as_str()),
        _ => None,
    }
}

pub(super) fn static_string<'a>(expression: &Expression<'a>) -> Option<&'a str> {
    match expression {
        Expression::StringLiteral(text) if !text.lone_surrogates => Some(text.value.as_str()),
        Expression::TemplateLiteral(template) if template.expressions.is_empty() => {
            template.quasis.first()?.value.cooked.map(|text| text.as_str())
        }
        _ => None,
    }
}

/// `https:`, `data:`, `//`: nothing that a build could emit. One letter is a Windows drive.
pub(super) fn is_url_with_scheme(specifier: &str) -> bool {
    if specifier.starts_with("//") {
        return true;
    }
    let scheme = specifier.split(':').next().unwrap_or("");
    scheme.len() > 1
        && scheme.len() < specifier.len()
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

pub(super) fn is_module_worker(options: Option<&Argument<'_>>) -> bool {
    let Some(Expression::ObjectExpression(object)) = options.and_then(Argument::as_expression) else { return false };
    object.properties.iter().any(|property| match property {
        ObjectPropertyKind::ObjectProperty(property) => {
            property.key.static_name().is_some_and(|name| name == "type")
                && static_string(&property.value) == Some("module")
        }
        ObjectPropertyKind::SpreadProperty(_) => false,
    })
}

/// `{ with: { type: "json" } }` with nothing else in it; any other second argument keeps the expression as it is.
pub(super) fn import_attributes(options: &Expression<'_>) -> Option<Vec<(Box<str>, Box<str>)>> {
    let Expression::ObjectExpression(object) = options else { return None };
    let [ObjectPropertyKind::ObjectProperty(with)] = object.properties.as_slice() else { return None };
    if !with.key.static_name().is_some_and(|name| name == "with" || name == "assert") {
        return None;
    }
    let Expression::ObjectExpression(entries) = &with.value else { return None };
    entries
        .properties
        .iter()
        .map(|entry| match entry {
            ObjectPropertyKind::ObjectProperty(entry) => {
                let Expression::StringLiteral(value) = &entry.value else { return None };
                Some((entry.key.static_name()?.into(), value.value.as_str().into()))
            }
            ObjectPropertyKind::SpreadProperty(_) => None,
        })
        .collect()
}
