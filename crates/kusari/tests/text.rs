//! Language models: tokens, training that goes on bit for bit, what is written, and files of strangers.

use crate::serialize::Folder;
use kusari::{
    Array, TrainedModel, Variable, inference_mode,
    iterators::BatchIterator,
    serializers::{safetensors_bytes, safetensors_from_bytes},
    summary,
    text::{Generate, Kind, Lesson, Seen, Settings, TextModel, Tokenizer, Windows},
    training::Trainer,
};
use std::fs;

const TEXT: &str = "the cat sat on the mat. the dog sat on the log. größe, naïve, 鎖!\n";

fn settings(kind: Kind) -> Settings {
    let (width, layers) = (Some(8), Some(2));
    Settings {
        width,
        layers,
        heads: 2,
        length: 12,
        batch: 4,
        iterations: 6,
        dropout: 0.2,
        seed: 3,
        ..Settings::new(kind)
    }
}
fn lesson(kind: Kind) -> Lesson {
    Lesson::new("cats.txt", &TEXT.repeat(6), &settings(kind)).unwrap()
}
fn refused(text: &str, settings: &Settings) -> String {
    Lesson::new("cats.txt", text, settings).err().expect("it is refused").to_string()
}

#[test]
fn tokens_become_the_same_text_again() {
    let texts = ["", "a", TEXT, " \n\t  x  ", "aaaaaaaaaaaaa", "\u{0}\u{10ffff}é", &TEXT.repeat(3)];
    let characters = Tokenizer::characters(&texts.concat());
    let pairs = Tokenizer::pairs(&TEXT.repeat(3), 300).unwrap();
    for tokenizer in [&characters, &pairs] {
        for text in texts {
            let tokens = tokenizer.encode(text).unwrap();
            assert_eq!(tokenizer.decode(&tokens), text);
            assert!(tokens.iter().all(|&t| (t as usize) < tokenizer.len()));
        }
    }
    assert!(pairs.encode(TEXT).unwrap().len() < TEXT.len() / 2, "pairs make texts short");
    assert_eq!(Tokenizer::pairs("ababab ab", 257).unwrap().encode("abab").unwrap(), [256, 256]);
    assert_eq!(Tokenizer::pairs("abc", 300).unwrap().len(), 256, "no pair is there twice");
    let long = "鎖".repeat(500);
    let cut = Tokenizer::pairs(&long, 400).unwrap();
    assert!((0..cut.len()).all(|t| cut.bytes(t as i32).len() <= 64) && cut.decode(&cut.encode(&long).unwrap()) == long);
    assert_eq!(pairs, Tokenizer::pairs(&TEXT.repeat(3), 300).unwrap());
    let unknown = Tokenizer::characters("abc").encode("abxc").unwrap_err().to_string();
    assert_eq!(unknown, "the model does not know the character 'x'; it knows abc");
    let few = Tokenizer::pairs("abc", 10).unwrap_err().to_string();
    assert!(few.contains("at least 256 tokens") && few.contains("got 10"), "{few}");
}

#[test]
fn pieces_hold_the_token_after_each() {
    let tokens: Vec<i32> = (0..50).collect();
    let mut windows = Windows::new(tokens, 3, 10, 1);
    let batch = windows.next_batch().unwrap().unwrap();
    assert_eq!((**batch.x.shape()).to_vec(), [3, 10]);
    let (x, t) = (batch.x.array().to_vec::<i32>(), batch.t.array().to_vec::<i32>());
    assert!(x.iter().zip(&t).all(|(x, t)| x + 1 == *t));
    windows.reset();
    assert_eq!(windows.next_batch().unwrap().unwrap().x.array().to_vec::<i32>(), x);
    assert_ne!(windows.next_batch().unwrap().unwrap().x.array().to_vec::<i32>(), x);
    assert_eq!((windows.epoch(), windows.epoch_detail()), (1, 1.2));
}

#[test]
fn going_on_gives_the_same_bytes() {
    for kind in Kind::ALL {
        let folder = Folder::new(&format!("text-{}", kind.name()));
        let bytes = |lesson: &Lesson| {
            lesson.model().save(folder.file("m.safetensors")).unwrap();
            fs::read(folder.file("m.safetensors")).unwrap()
        };
        let whole = lesson(kind);
        whole.trainer(folder.file("whole")).run().unwrap();

        let begun = lesson(kind);
        let mut first = begun.trainer(folder.file("first"));
        first.extend(|trainer: &mut Trainer| match trainer.progress().iteration {
            4 => trainer.save(trainer.file("state")),
            _ => Ok(()),
        });
        first.run().unwrap();
        let resumed = lesson(kind);
        let mut second = resumed.trainer(folder.file("second"));
        second.load(folder.file("first/state")).unwrap();
        second.run().unwrap();
        assert!(bytes(&whole) == bytes(&resumed), "{kind:?}");
    }
}

#[test]
fn a_model_file_needs_nothing_else() {
    for (kind, vocabulary) in [(Kind::Gpt, None), (Kind::Gru, Some(280))] {
        let folder = Folder::new(&format!("text-file-{}", kind.name()));
        let lesson = Lesson::new("cats.txt", &TEXT.repeat(6), &Settings { vocabulary, ..settings(kind) }).unwrap();
        let model = lesson.run(&folder.0).unwrap();
        let path = folder.file("model.safetensors");
        model.save(&path).unwrap();
        let loaded: TextModel = kusari::load(&path).unwrap().text().unwrap();
        let how = Generate { length: 30, seed: 5, ..Generate::default() };
        let written = model.generate("the ", &how).unwrap();
        assert_eq!(loaded.generate("the ", &how).unwrap(), written);
        assert_ne!(model.generate("the ", &Generate { seed: 6, ..how }).unwrap(), written);
        // The likeliest, whichever way it is asked for.
        let greedy = model.generate("the ", &Generate { temperature: 0.0, ..how }).unwrap();
        assert_eq!(model.generate("the ", &Generate { temperature: 1e-310, ..how }).unwrap(), greedy);
        assert_eq!(model.generate("the ", &Generate { top_k: Some(1), ..how }).unwrap(), greedy);
        assert_eq!(loaded.measure(TEXT).unwrap(), model.measure(TEXT).unwrap());
        assert!(loaded.describe().starts_with(&format!("a language model: {}, width 8, 2 layers", kind.name())));
        let table = kusari::load(&path).unwrap().table().err().map(|e| e.to_string());
        assert_eq!(table.as_deref(), Some("this model is for texts, not for tables"));
    }
}

#[test]
fn what_follows_is_scored_as_with_all_that_was_before() {
    let _guard = inference_mode();
    for kind in Kind::ALL {
        let lesson = lesson(kind);
        let network = lesson.model().network();
        let tokens: Vec<i32> = (0..12).map(|i| i * 5 % network.sizes().tokens as i32).collect();
        let x = |part: &[i32]| Variable::constant(Array::from_slice(&[1, part.len()], part));
        for pieces in [vec![1; 12], vec![5, 1, 1, 5], vec![1, 4, 7], vec![12]] {
            let (mut seen, mut end) = (Seen::default(), 0);
            for piece in pieces {
                let alone = network.next_after(&x(&tokens[end..end + piece]), &mut seen).array().to_vec::<f32>();
                end += piece;
                let whole = network.next(&x(&tokens[..end])).array().to_vec::<f32>();
                let worst = alone.iter().zip(&whole).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                assert!(worst < 1e-5, "{kind:?}, {piece} tokens up to {end}: {worst}");
                assert_eq!(seen.tokens(), end);
            }
        }
    }
}

#[test]
fn a_summary_leaves_out_what_a_kind_does_not_have() {
    for (kind, other) in [(Kind::Gpt, "lstm:"), (Kind::Lstm, "gru:"), (Kind::Gru, "blocks:")] {
        let text = summary(lesson(kind).model().network());
        assert!(!text.contains(other), "{text}");
        assert_eq!(text.matches(": Vec").count(), 1, "{text}");
    }
}

#[test]
fn writing_goes_on_past_the_window() {
    let folder = Folder::new("text-window");
    for kind in Kind::ALL {
        let model = lesson(kind).run(&folder.0).unwrap();
        for prompt in ["the ", "the dog sat on the mat. the cat"] {
            let how = Generate { length: 30, temperature: 0.0, ..Generate::default() };
            let written = model.generate(prompt, &how).unwrap();
            let _guard = inference_mode();
            let mut tokens = model.tokenizer().encode(prompt).unwrap();
            if kind == Kind::Gpt {
                tokens.drain(..tokens.len().saturating_sub(12));
            }
            let mut expected = Vec::new();
            for _ in 0..30 {
                let x = Variable::constant(Array::from_slice(&[1, tokens.len()], &tokens));
                let scores = model.network().next(&x).array().to_vec::<f32>();
                let best = (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap() as i32;
                expected.push(best);
                tokens.push(best);
                if kind == Kind::Gpt && tokens.len() > 12 {
                    tokens.drain(..tokens.len() - 6); // the older half is forgotten
                }
            }
            assert_eq!(written, model.tokenizer().decode(&expected), "{kind:?}");
        }
    }
}

#[test]
fn networks_have_a_form_in_onnx() {
    for kind in Kind::ALL {
        let bytes = lesson(kind).model().to_onnx().unwrap_or_else(|e| panic!("{kind:?}: {e}"));
        assert!(bytes.windows(6).any(|part| part == b"tokens") && bytes.len() > 4000);
    }
}

#[test]
fn a_repeated_text_is_learnt() {
    let text = "abcdefgh".repeat(40);
    for kind in Kind::ALL {
        let folder = Folder::new(&format!("text-learn-{}", kind.name()));
        let settings = Settings { iterations: 150, dropout: 0.0, lr: Some(0.02), width: Some(16), ..settings(kind) };
        let model = Lesson::new("letters.txt", &text, &settings).unwrap().run(&folder.0).unwrap();
        let measure = model.measure(&text).unwrap();
        assert!(measure.loss < 0.2 && measure.accuracy > 0.95, "{kind:?}: {measure}");
        assert!((measure.perplexity() - measure.loss.exp()).abs() < 1e-12);
    }
}

#[test]
fn what_cannot_be_learnt_from_is_said() {
    let gpt = settings(Kind::Gpt);
    assert_eq!(refused("", &gpt), "cats.txt: the text is empty");
    let short = refused("short text", &gpt);
    assert!(short.starts_with("cats.txt: the text is too short: expected more than 12 tokens"), "{short}");
    let heads = refused(&TEXT.repeat(6), &Settings { heads: 3, ..gpt });
    assert!(heads.contains("heads that divide the width") && heads.contains("3 heads and a width of 8"), "{heads}");
}

#[test]
fn damaged_descriptions_are_refused() {
    let folder = Folder::new("text-damaged");
    let path = folder.file("model.safetensors");
    lesson(Kind::Gpt).model().save(&path).unwrap();
    let (entries, description) = safetensors_from_bytes(&fs::read(&path).unwrap(), &path).unwrap();
    let with = |from: &str, to: &str| {
        assert!(description.contains(from), "{description}");
        let bytes = safetensors_bytes(&entries, &description.replace(from, to)).unwrap();
        TrainedModel::from_bytes(&bytes, "m.safetensors").err().expect("it is refused").to_string()
    };
    let damaged = "m.safetensors: its description is damaged";
    for (from, to) in [
        ("\"width\":8", "\"width\":1000000"),
        ("\"width\":8", "\"width\":0"),
        ("\"layers\":2", "\"layers\":3"),
        ("\"heads\":2", "\"heads\":3"),
        ("\"length\":12", "\"length\":-1"),
        ("\"length\":12", "\"length\":1048576"),
        ("\"kind\":\"gpt\"", "\"kind\":\"tree\""),
        ("\"dropout\":0.2", "\"dropout\":1.5"),
        ("\"kind\":\"characters\"", "\"kind\":\"pairs\""),
        ("acdeghlmnorst", "acdeghlmnrst"),
    ] {
        let message = with(from, to);
        assert!(message.starts_with(damaged), "{to}: {message}");
    }
    assert!(with("\"version\":1", "\"version\":2").contains("reads version 1"));
}
