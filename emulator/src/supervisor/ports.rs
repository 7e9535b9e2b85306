//! The ports of a stack, and whether they are free.

use std::net::TcpListener;

use crate::{failure::Failure, stack::Stack};

/// Where the ports of functions start, above the port base.
const FUNCTIONS_OFFSET: u16 = 20;

/// Returns the port of the function at a place, and that of its metadata server.
///
/// `None` when there are no ports that high.
#[must_use]
pub fn of_function(port_base: u16, index: usize) -> Option<(u16, u16)> {
    let offset = u16::try_from(index).ok()?.checked_mul(2)?.checked_add(FUNCTIONS_OFFSET)?;
    let port = port_base.checked_add(offset)?;
    Some((port, port.checked_add(1)?))
}

/// Every port of a stack, with the part that needs it.
fn all(stack: &Stack, auth: bool) -> Vec<(u16, String)> {
    let mut ports = vec![
        (stack.gateway_port(), "the page and `/api`".to_owned()),
        (stack.firestore_port(), "the Firestore emulator".to_owned()),
        (stack.firestore_websocket_port(), "the Firestore emulator's monitor".to_owned()),
        (stack.pubsub_port(), "the Pub/Sub emulator".to_owned()),
        (stack.bridge_port(), "the bridge".to_owned()),
    ];
    if auth {
        ports.push((stack.auth_port(), "the Auth emulator".to_owned()));
    }
    for function in &stack.functions {
        ports.push((function.port, format!("`{}`", function.name)));
        ports.push((function.metadata_port, format!("the metadata server of `{}`", function.name)));
    }
    ports
}

/// Refuses to go on unless every port is free.
///
/// # Errors
/// Names the first port that is taken, and the part that needs it.
pub fn demand_free(stack: &Stack, auth: bool) -> Result<(), Failure> {
    for (port, owner) in all(stack, auth) {
        if let Err(error) = TcpListener::bind(("127.0.0.1", port)) {
            let reason = format!("port {port}, for {owner}, cannot be used: {error}");
            let next = "Stop what uses it, or take other ports with `--port-base`.";
            return Err(Failure::unavailable(reason).next(next));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Network;

    #[test]
    fn functions_have_two_ports_each_and_none_beyond_the_last() {
        assert_eq!(of_function(8080, 0), Some((8100, 8101)));
        assert_eq!(of_function(8080, 1), Some((8102, 8103)));
        assert_eq!(of_function(65_514, 0), Some((65_534, 65_535)));
        assert_eq!(of_function(65_515, 0), None);
        assert_eq!(of_function(8080, usize::MAX), None);
    }

    #[test]
    fn a_port_that_is_taken_is_named_with_its_part() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = taken.local_addr().expect("bound").port();
        let stack = Stack {
            project: "demo-mesh".into(),
            root: "/".into(),
            state: "/".into(),
            port_base: port,
            network: Network::Loopback,
            functions: Vec::new(),
            chaos: None,
        };
        let failure = demand_free(&stack, true).expect_err("taken");
        let start = format!("port {port}, for the page and `/api`, cannot be used");
        assert!(failure.reason.starts_with(&start), "{}", failure.reason);
    }
}
