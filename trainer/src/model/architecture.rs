//! The kinds of model.

/// The kind of model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// Long short-term memory (Hochreiter and Schmidhuber, 1997), without peepholes.
    Lstm,
    /// LSTM layers over the window in both directions.
    Bilstm,
    /// Gated recurrent units (Cho et al., 2014), in PyTorch's and cuDNN's form, which applies the reset
    /// gate after the recurrent product.
    Gru,
    /// Encoder layers of attention and feed-forward (Vaswani et al., 2017) with learned positions, normalised
    /// after each part, read at the last step.
    Transformer,
    /// Trends of each column over several horizons, and a perceptron on them: the small model for gateways.
    Trend,
}

impl Architecture {
    /// All of them, in the order in which `--model all` trains them.
    pub const ALL: [Self; 5] = [Self::Lstm, Self::Bilstm, Self::Gru, Self::Transformer, Self::Trend];

    /// The name in metadata and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lstm => "LSTM",
            Self::Bilstm => "BiLSTM",
            Self::Gru => "GRU",
            Self::Transformer => "Transformer",
            Self::Trend => "Trend",
        }
    }

    /// The name in a sentence.
    pub fn with_article(self) -> String {
        let article = if self == Self::Lstm { "an" } else { "a" };
        format!("{article} {}", self.name())
    }

    /// The name on the command line and of folders.
    pub fn flag(self) -> &'static str {
        match self {
            Self::Lstm => "lstm",
            Self::Bilstm => "bilstm",
            Self::Gru => "gru",
            Self::Transformer => "transformer",
            Self::Trend => "trend",
        }
    }

    /// The architecture of a name in metadata, in whatever letters.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|architecture| architecture.name().eq_ignore_ascii_case(name))
    }
}
