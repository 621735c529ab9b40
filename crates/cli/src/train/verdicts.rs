//! What a classifier of images makes of those that were held back, for the report.

use kusari::{
    Batch, Dataset, Example, Layer, Result, functions as F, inference_mode,
    report::{Judgement, Picture, Section},
};

/// Samples that go through the network at once.
const BATCH: usize = 250;
/// Mistakes shown.
const MISTAKES: usize = 32;

/// Sections on how `model` does on `test`: scores with the confusion matrix, and the worst mistakes as pictures, which
/// `picture` makes of a sample's number.
pub fn sections<D>(
    model: &dyn Layer,
    test: &D,
    classes: &[String],
    what: &str,
    picture: impl Fn(usize) -> Option<Picture>,
) -> Result<Vec<Section>>
where
    D: Dataset<Item: Example<Batch = Batch>>,
{
    let _guard = inference_mode();
    let mut all = Vec::new();
    for first in (0..test.len()).step_by(BATCH) {
        let batch = test.batch(&(first..test.len().min(first + BATCH)).collect::<Vec<_>>())?;
        let p = F::softmax(&model.forward(&batch.x), 1);
        all.extend(Judgement::of(first, p.array(), batch.t.array())?);
    }
    let confusion = Judgement::confusion(&all, "class", classes);
    let [accuracy, f1] = [confusion.accuracy(), confusion.macro_f1()];
    let text = format!("On the {} {what}: accuracy {accuracy:.4}, macro F1 {f1:.4}.", all.len());
    let wrong = Section::new("Worst mistakes");
    let worst = Judgement::worst(&all, MISTAKES);
    let mut pictures = Vec::new();
    for j in &worst {
        let name = |class: usize| classes.get(class).map_or("?", |name| &**name);
        let caption = format!("{} taken for {} ({:.0} %)", name(j.truth), name(j.predicted), 100.0 * j.of_predicted);
        pictures.extend(picture(j.sample).map(|picture| picture.caption(caption)));
    }
    let wrong = match worst.len() {
        0 => wrong.text("There are none."),
        _ => wrong
            .note("The surest first: what it is, what it was taken for, and how probable that was thought.")
            .pictures(pictures),
    };
    Ok(vec![confusion.section(Section::new("Results").text(&text)), wrong])
}

/// A section on images: how many of each class are in each part.
pub fn data_section(source: &str, size: &str, classes: &[String], parts: &[(&str, Vec<usize>)]) -> Section {
    let mut facts = vec![("from".to_string(), source.to_string()), ("images".into(), size.to_string())];
    facts.extend(parts.iter().map(|(name, counts)| (format!("for {name}"), counts.iter().sum::<usize>().to_string())));
    facts.push(("classes".into(), classes.len().to_string()));
    Section::new("Data").facts(facts).classes(classes, parts)
}

/// How often each of `classes` labels occurs.
pub fn counts(labels: impl IntoIterator<Item = usize>, classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    labels.into_iter().for_each(|label| counts.get_mut(label).map_or((), |count| *count += 1));
    counts
}
