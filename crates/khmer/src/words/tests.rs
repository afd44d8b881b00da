use super::*;

fn small() -> Model {
    let words = [
        ("ខ្មែរ", 50),
        ("ភាសា", 40),
        ("ភា", 5),
        ("សាលា", 20),
        ("រៀន", 30),
        ("សាលារៀន", 15),
        ("ជា", 90),
        ("កណ្ដាល", 9),
        ("កណ្តាល", 3),
    ];
    let words: Vec<(String, u64)> = words.iter().map(|&(w, n)| (w.to_owned(), n)).collect();
    Model::from_bytes(&encode(&words)).unwrap()
}

fn parted(model: &Model, text: &str) -> Vec<String> {
    model.words(text).into_iter().map(|w| text[w.range].to_owned()).collect()
}

#[test]
fn file_keeps_every_word() {
    let model = small();
    assert_eq!(model.len(), 9);
    assert!(model.log_frequency("ជា").unwrap() > model.log_frequency("ភា").unwrap());
    assert_eq!(model.find("ជាន"), None);
}

#[test]
fn damaged_files_are_errors() {
    let bytes = encode(&[("ជា".to_owned(), 1), ("ជាង".to_owned(), 1)]);
    assert_eq!(Model::from_bytes(b"what").unwrap_err(), ModelError::NotAModel);
    for end in 8..bytes.len() {
        assert_eq!(Model::from_bytes(&bytes[..end]).unwrap_err(), ModelError::Damaged);
    }
    let mut wrong = bytes.clone();
    wrong[8] = 9;
    assert_eq!(Model::from_bytes(&wrong).unwrap_err(), ModelError::Damaged);
}

#[test]
fn likeliest_words_win() {
    let model = small();
    assert_eq!(parted(&model, "ភាសាខ្មែរ"), ["ភាសា", "ខ្មែរ"]);
    assert_eq!(parted(&model, "សាលារៀនជា ខ្មែរ"), ["សាលារៀន", "ជា", "ខ្មែរ"]);
    assert_eq!(parted(&model, "ជាឆ្កែរៀន"), ["ជា", "ឆ្កែ", "រៀន"]);
    assert_eq!(parted(&model, ""), Vec::<String>::new());
}

#[test]
fn words_end_with_clusters() {
    // ភា is a word, ភាំ is another cluster
    assert_eq!(small().words("ភាំ")[0].known, None);
}

#[test]
fn spelling_is_the_usual_one() {
    let model = small();
    let number = model.find("កណ្តាល").unwrap();
    assert_eq!(model.spelling(number), "កណ្ដាល");
}

#[test]
fn breaks_are_between_words_only() {
    let model = small();
    assert_eq!(model.with_breaks("ភាសាខ្មែរ១២ជា។ ខ្មែរ"), "ភាសា\u{200B}ខ្មែរ\u{200B}១២\u{200B}ជា។ ខ្មែរ");
    assert_eq!(model.with_breaks("រៀនៗជា"), "រៀនៗ\u{200B}ជា");
    assert_eq!(model.with_breaks("abc"), "abc");
}

#[test]
fn the_embedded_model_knows_khmer() {
    let model = Model::embedded();
    assert!(model.len() > 20_000, "{}", model.len());
    assert!(coverage("ព្រះរាជាណាចក្រកម្ពុជា ជាតិ សាសនា ព្រះមហាក្សត្រ") > 0.95);
    // the same without COENG, as a broken text layer has it
    let broken = "ពរះរាជាណាចករកមពុជា ពរះមហាកសតរ";
    assert!(coverage(broken) < 0.9, "{}", coverage(broken));
    let measured = model.measure(broken);
    assert!(measured.log_probability / (measured.letters as f64) < -3.0, "{measured:?}");
    assert_eq!(coverage("plain English"), 0.0);
}

#[test]
fn the_embedded_model_parts_sentences() {
    assert_eq!(parted(Model::embedded(), "គាត់ទៅផ្សារជាមួយម្ដាយ"), ["គាត់", "ទៅ", "ផ្សារ", "ជាមួយ", "ម្ដាយ"]);
}
