/** Whether this machine has a network at all. Each listener says for itself how current it is. */
class Connection {
  online = $state(navigator.onLine);

  constructor() {
    addEventListener('online', () => (this.online = true));
    addEventListener('offline', () => (this.online = false));
  }
}

export const connection = new Connection();
