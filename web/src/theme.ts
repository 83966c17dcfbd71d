// Light, dark, or as the system says; the choice is kept for the next visit.
export type Theme = 'auto' | 'light' | 'dark';

const key = 'weir-theme';
const order: Theme[] = ['auto', 'light', 'dark'];

export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(key) as Theme | null;
    return stored && order.includes(stored) ? stored : 'auto';
  } catch {
    return 'auto'; // Storage may be forbidden; the page works without.
  }
}

export function nextTheme(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length]!;
}

export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // As above.
  }
}
