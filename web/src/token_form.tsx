import { useState } from 'preact/hooks';

export function TokenForm({ onToken }: { onToken: (token: string) => void }) {
  const [token, setToken] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    onToken(token.trim());
  };
  return (
    <form class="panel token" onSubmit={submit} data-test="token-form">
      <label for="token">This server asks for the token of its --admin-token-file.</label>
      <div class="actions">
        <input
          id="token"
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
        <button type="submit" disabled={token.trim() === ''}>
          Connect
        </button>
      </div>
      <p class="shares">Kept in this tab until it is closed.</p>
    </form>
  );
}
