//! A listener that is open while a role goes.

use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use gcloud_sdk::{
    google::firestore::v1::{
        ListenRequest, ListenResponse, StructuredQuery, Target,
        firestore_client::FirestoreClient,
        listen_request::TargetChange as Add,
        listen_response::ResponseType,
        structured_query::CollectionSelector,
        target::{QueryTarget, TargetType, query_target::QueryType},
        target_change::TargetChangeType,
    },
    tonic::{Code, Request, Streaming, transport::Channel},
};
use model::{
    Role, ServiceId, Uid,
    access::{User, UserState},
    service::Service,
};
use testkit::{Emulators, Mesh};

/// What people are promised of the dashboard.
const GONE_WITHIN: Duration = Duration::from_secs(10);
/// Between two changes of what is listened to.
const PAUSE: Duration = Duration::from_millis(100);

/// Listens to all services, as a page does, with a person's own token.
async fn listen(mesh: &Mesh, token: &str) -> Streaming<ListenResponse> {
    let host = &Emulators::shared().firestore;
    let channel = Channel::from_shared(format!("http://{host}")).unwrap().connect().await.unwrap();
    let database = format!("projects/{}/databases/(default)", mesh.project);
    let from = CollectionSelector { collection_id: "services".to_owned(), all_descendants: false };
    let query = StructuredQuery { from: vec![from], ..StructuredQuery::default() };
    let query = QueryTarget {
        parent: format!("{database}/documents"),
        query_type: Some(QueryType::StructuredQuery(query)),
    };
    let target =
        Target { target_id: 1, target_type: Some(TargetType::Query(query)), ..Target::default() };
    let first = ListenRequest {
        database: database.clone(),
        target_change: Some(Add::AddTarget(target)),
        ..ListenRequest::default()
    };
    // The stream stays open for as long as requests may follow.
    let mut request = Request::new(stream::iter([first]).chain(stream::pending()));
    let metadata = request.metadata_mut();
    metadata.insert("authorization", format!("Bearer {token}").parse().unwrap());
    metadata.insert("google-cloud-resource-prefix", database.parse().unwrap());
    let mut client = FirestoreClient::new(channel);
    let listening = tokio::time::timeout(GONE_WITHIN, client.listen(request)).await;
    listening.expect("the emulator answers").unwrap().into_inner()
}

/// What happens to a person.
type Change = fn(&mut User);

/// What a listener hears.
#[derive(Debug, PartialEq, Eq)]
enum Heard {
    /// A document.
    Document,
    /// That all documents there were have been heard.
    Current,
    /// Nothing any more, with a canonical code.
    Closed(i32),
}

/// Waits for the next thing that matters.
async fn next(listener: &mut Streaming<ListenResponse>) -> Heard {
    loop {
        let response = match listener.next().await {
            Some(Ok(response)) => response,
            Some(Err(status)) => return Heard::Closed(status.code().into()),
            None => return Heard::Closed(Code::Ok.into()),
        };
        match response.response_type {
            Some(ResponseType::DocumentChange(_)) => return Heard::Document,
            Some(ResponseType::TargetChange(change))
                if change.target_change_type() == TargetChangeType::Remove =>
            {
                return Heard::Closed(change.cause.map_or(0, |cause| cause.code));
            }
            Some(ResponseType::TargetChange(change))
                if change.target_change_type() == TargetChangeType::Current =>
            {
                return Heard::Current;
            }
            _ => {}
        }
    }
}

/// Waits until one thing is heard, and says how long it took.
async fn wait_for(listener: &mut Streaming<ListenResponse>, wanted: Heard) -> Duration {
    let started = Instant::now();
    let hearing = async {
        loop {
            match next(listener).await {
                heard if heard == wanted => return,
                Heard::Document | Heard::Current => {}
                closed @ Heard::Closed(_) => panic!("{closed:?} instead of {wanted:?}"),
            }
        }
    };
    let heard = tokio::time::timeout(GONE_WITHIN, hearing).await;
    assert!(heard.is_ok(), "{wanted:?} is not heard");
    started.elapsed()
}

/// Adds documents while something is waited for. One would not do: the emulator loses what is
/// written between its reading for a new listener and its following, and where nothing changes
/// nothing is withheld.
async fn while_changing<T>(mesh: &Mesh, waiting: impl Future<Output = T>) -> T {
    let changing = async {
        loop {
            let service = Service { name: "a".to_owned(), url: "https://a.example".to_owned() };
            mesh.put(&ServiceId::new(uuid::Uuid::new_v4()), &service).await;
            tokio::time::sleep(PAUSE).await;
        }
    };
    tokio::select! {
        waited = waiting => waited,
        () = changing => unreachable!("it goes on for ever"),
    }
}

#[tokio::test]
async fn an_open_listener_ends_when_the_right_goes_and_a_new_one_does_not_begin() {
    let mesh = Mesh::start("listener", &[]).await;
    super::Client::new(&mesh).load_rules().await;
    let changes: [(&str, Change); 3] = [
        ("role", |user| user.roles.clear()),
        ("state", |user| user.state = UserState::Disabled),
        ("session", |user| user.sessions_since = jiff::Timestamp::now().into()),
    ];
    for (what, change) in changes {
        let token = mesh.person(what, &[Role::Viewer]).await;
        let mut listener = listen(&mesh, &token).await;
        // The emulator cancels a listener when something changes before that.
        wait_for(&mut listener, Heard::Current).await;
        while_changing(&mesh, wait_for(&mut listener, Heard::Document)).await;

        let uid = Uid::new(what);
        let mut user: User = mesh.get(&uid).await;
        change(&mut user);
        mesh.put(&uid, &user).await;
        let refused = || Heard::Closed(Code::PermissionDenied.into());
        let took = while_changing(&mesh, wait_for(&mut listener, refused())).await;
        println!("{what}: closed after {took:?}");
        let mut again = listen(&mesh, &token).await;
        wait_for(&mut again, refused()).await;
    }
}
