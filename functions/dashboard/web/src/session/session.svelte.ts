import type { Firestore } from '@firebase/firestore';
import type { IdTokenResult, User } from '@firebase/auth';
import { holds, type Permission } from '../access/permissions';
import { counting, nextEnd, rolesAt, type Person, type Role } from '../access/person';
import type { Config } from '../config';
import type { Firebase } from './firebase';
import { hint } from './hint';
import { askWhy } from './inquiry';
import { refusalOf, signedInAt } from './standing';

/**
 * Where a person stands: nobody signed in; signed in and their own document not read yet; let in; or turned away,
 * because the document says so or because there is none.
 */
export type Phase = 'starting' | 'signed-out' | 'entering' | 'in' | 'refused';

/** Why somebody who is signed in is not let in. */
export type Refusal = 'unknown' | 'disabled' | 'invited' | 'ended' | 'unreachable';

/** A longer timer overflows; the next look sets it anew. */
const TIMER_MAX_MS = 2 ** 31 - 1;

class Session {
  phase: Phase = $state('starting');
  refusal: Refusal | undefined = $state();
  /** The person's own document, as it is now. */
  person: Person | undefined = $state.raw();
  uid: string | undefined = $state();
  email: string | undefined = $state();
  /** When this session began, in milliseconds. */
  signedInAt = $state(0);
  /** Whether this session began with a second factor. */
  secondFactor = $state(false);
  /** When what the person may do last changed while the page was open, in milliseconds. */
  changedAt = 0;
  /** Grows with every client of Firestore: what was read by one before is nobody's any more. */
  generation = $state(0);
  /** Ticks when an elevation ends. */
  private now = $state(Date.now());

  private readonly held: Role[] = $derived(this.person ? rolesAt(this.person, this.now) : []);
  readonly roles: Role[] = $derived(this.person ? counting(this.held, this.person, this.secondFactor) : []);
  /** Roles that do not count, because this session lacks the second factor that they demand. */
  readonly uncounted: Role[] = $derived(this.held.filter((role) => !this.roles.includes(role)));

  config!: Config;
  db: Firestore | undefined;
  private connecting: Promise<Firebase> | undefined;
  private stopWatching: (() => void) | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private changes: Promise<void> = Promise.resolve();

  /**
   * Begins to follow who is signed in. Where nobody was, the form to sign in is shown at once, and Firebase is loaded
   * when somebody turns to it.
   */
  start(config: Config): void {
    this.config = config;
    if (hint.takeNotice()) this.refusal = 'ended';
    if (hint.wasSignedIn()) void this.connect();
    else this.phase = 'signed-out';
  }

  /** Loads Firebase's authentication, once. */
  connect(): Promise<Firebase> {
    this.connecting ??= import('./firebase').then(({ initialize, onAuthStateChanged }) => {
      const firebase = initialize(this.config);
      // One change of who is signed in is finished before the next is looked at.
      onAuthStateChanged(firebase.auth, (user) => {
        this.hide(user ? 'starting' : this.phase === 'signed-out' ? 'signed-out' : 'starting');
        this.changes = this.changes.then(() => this.become(firebase, user)).catch(() => this.turnAway('unreachable'));
      });
      return firebase;
    });
    return this.connecting;
  }

  /** Whether the person may do something now. */
  can(permission: Permission): boolean {
    return holds(this.roles, permission);
  }

  /** An ID token for the API; a new one when `fresh`. */
  async token(fresh = false): Promise<string> {
    const { auth } = await this.connect();
    if (!auth.currentUser) throw new Error('nobody is signed in');
    return auth.currentUser.getIdToken(fresh);
  }

  /** Takes over what a token says of the sign-in. */
  takeToken({ authTime, signInSecondFactor }: IdTokenResult): void {
    this.signedInAt = signedInAt(authTime);
    this.secondFactor = signInSecondFactor !== null;
  }

  async signOut(): Promise<void> {
    const { auth } = await this.connect();
    this.hide('starting');
    await auth.signOut();
  }

  /** Takes everything of a person from the page at once, before anything else happens. */
  private hide(phase: Phase): void {
    this.stopWatching?.();
    this.stopWatching = undefined;
    clearTimeout(this.timer);
    this.person = undefined;
    this.uid = undefined;
    this.phase = phase;
  }

  private async become({ app, auth }: Firebase, user: User | null): Promise<void> {
    hint.remember(user !== null);
    // The client keeps what it has read: another person's listeners would be handed it before they are refused.
    const before = this.db;
    this.db = undefined;
    if (before) {
      const { terminate } = await import('@firebase/firestore');
      await terminate(before);
      // Parts of the page remember as well: messages, drafts, names. One load of the page is one person's.
      if (this.refusal === 'ended') hint.leaveNotice();
      location.reload();
      return;
    }
    if (user !== auth.currentUser) return;
    if (!user) {
      this.phase = 'signed-out';
      return;
    }
    this.uid = user.uid;
    this.email = user.email ?? undefined;
    this.phase = 'entering';
    this.refusal = undefined;
    const [{ connect }, { watchPerson }, token] = await Promise.all([
      import('../live/client'),
      import('./watch'),
      user.getIdTokenResult(),
    ]);
    if (user !== auth.currentUser) return;
    this.takeToken(token);
    this.db = connect(app, this.config);
    this.generation += 1;
    this.stopWatching = watchPerson(this.db, user.uid, {
      changed: (person) => this.enter(person),
      failed: (refused) => void this.refused(refused),
    });
  }

  private enter(person: Person | undefined): void {
    const refusal = refusalOf(person, this.signedInAt);
    if (refusal || !person) {
      this.turnAway(refusal ?? 'unknown');
      return;
    }
    // No new token is asked for: nobody decides by its claims, and Firestore would begin all listeners anew with it.
    if (this.person && this.person.policy_version !== person.policy_version) this.changedAt = Date.now();
    this.person = person;
    this.phase = 'in';
    this.refusal = undefined;
    this.tick();
  }

  /** The rules do not say why; the API does. */
  private async refused(byRules: boolean): Promise<void> {
    const generation = this.generation;
    const why = byRules ? await askWhy(this.config.api, () => this.token()) : 'unreachable';
    if (generation !== this.generation || !this.uid) return;
    // Firestore out of reach is no reason to take the page away: its data say that they are old.
    if (why === 'unreachable' && this.phase === 'in') return;
    this.turnAway(why);
  }

  private turnAway(refusal: Refusal): void {
    this.person = undefined;
    this.refusal = refusal;
    this.phase = 'refused';
    // A session that is over cannot come back; all other refusals may, without signing in again.
    if (refusal === 'ended') void this.signOut();
  }

  private tick(): void {
    this.now = Date.now();
    clearTimeout(this.timer);
    const end = this.person && nextEnd(this.person, this.now);
    if (end) this.timer = setTimeout(() => this.tick(), Math.min(end - this.now, TIMER_MAX_MS));
  }
}

/** The one session of the page. */
export const session = new Session();
