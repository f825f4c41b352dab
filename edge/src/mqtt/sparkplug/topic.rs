//! Sparkplug B's topics: `spBv1.0/{group}/{type}/{node}` and, of devices, `…/{device}` (Sparkplug 3.0, section 4).

/// What a message is. Commands to nodes are read by the node that they are for; those to devices by nobody here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    NodeBirth,
    NodeData,
    NodeDeath,
    NodeCommand,
    DeviceBirth,
    DeviceData,
    DeviceDeath,
}

/// A topic, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Topic<'a> {
    pub(super) kind: Kind,
    pub(super) node: &'a str,
    /// The device, in topics of devices.
    pub(super) device: Option<&'a str>,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::NodeBirth => "NBIRTH",
            Self::NodeData => "NDATA",
            Self::NodeDeath => "NDEATH",
            Self::NodeCommand => "NCMD",
            Self::DeviceBirth => "DBIRTH",
            Self::DeviceData => "DDATA",
            Self::DeviceDeath => "DDEATH",
        }
    }

    fn is_of_a_device(self) -> bool {
        matches!(self, Self::DeviceBirth | Self::DeviceData | Self::DeviceDeath)
    }
}

/// Takes a topic of a group apart.
pub(super) fn parse<'a>(topic: &'a str, group: &str) -> Option<Topic<'a>> {
    let rest = topic.strip_prefix("spBv1.0/")?.strip_prefix(group)?.strip_prefix('/')?;
    let mut parts = rest.split('/');
    let (kind, node, device) = (parts.next()?, parts.next()?, parts.next());
    let kinds = [
        Kind::NodeBirth,
        Kind::NodeData,
        Kind::NodeDeath,
        Kind::NodeCommand,
        Kind::DeviceBirth,
        Kind::DeviceData,
        Kind::DeviceDeath,
    ];
    let kind = kinds.into_iter().find(|known| known.name() == kind)?;
    let fits = parts.next().is_none() && device.is_some() == kind.is_of_a_device() && !node.is_empty();
    (fits && device != Some("")).then_some(Topic { kind, node, device })
}

/// The topic of a node.
pub(super) fn of_node(group: &str, kind: Kind, node: &str) -> String {
    format!("spBv1.0/{group}/{}/{node}", kind.name())
}

/// The topic of a node's device.
pub(super) fn of_device(group: &str, kind: Kind, node: &str, device: &str) -> String {
    format!("spBv1.0/{group}/{}/{node}/{device}", kind.name())
}

/// What is subscribed to: births, data and deaths of the group, and the commands to the node that the gateway is.
pub(super) fn filters(group: &str, own: &str) -> Vec<String> {
    use Kind::{DeviceBirth, DeviceData, DeviceDeath, NodeBirth, NodeCommand, NodeData, NodeDeath};
    let nodes = [NodeBirth, NodeData, NodeDeath].map(|kind| of_node(group, kind, "+"));
    let devices = [DeviceBirth, DeviceData, DeviceDeath].map(|kind| of_device(group, kind, "+", "+"));
    let own = of_node(group, NodeCommand, own);
    nodes.into_iter().chain(devices).chain([own]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_topic_is_taken_apart_as_it_was_put_together() {
        let topic = of_device("Plant 1", Kind::DeviceData, "node", "engine-7");
        assert_eq!(topic, "spBv1.0/Plant 1/DDATA/node/engine-7");
        let wanted = Topic { kind: Kind::DeviceData, node: "node", device: Some("engine-7") };
        assert_eq!(parse(&topic, "Plant 1"), Some(wanted));
        let topic = of_node("Plant 1", Kind::NodeBirth, "node");
        assert_eq!(
            parse(&topic, "Plant 1"),
            Some(Topic { kind: Kind::NodeBirth, node: "node", device: None })
        );
    }

    #[test]
    fn what_is_no_topic_of_the_group_is_none() {
        for topic in [
            "",
            "spBv1.0/g",
            "spBv1.0/g/DDATA/n",
            "spBv1.0/g/NDATA/n/d",
            "spBv1.0/g/DDATA/n/d/e",
            "spBv1.0/g/DDATA/n/",
            "spBv1.0/g/DDATA//d",
            "spBv1.0/g/STATE/n",
            "spBv1.0/gg/DDATA/n/d",
            "spAv1.0/g/DDATA/n/d",
        ] {
            assert_eq!(parse(topic, "g"), None, "{topic}");
        }
    }

    proptest! {
        #[test]
        fn foreign_topics_never_panic(topic in "(spBv1.0/g/)?.{0,40}") {
            let _ = parse(&topic, "g");
        }
    }
}
