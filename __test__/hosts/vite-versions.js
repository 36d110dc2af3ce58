// The versions of Vite that are tested.

/** @type {[string, () => Promise<any>][]} */
export const HOSTS = [
  ['Vite 8', () => import('vite')],
  ['Vite 7', () => import('vite-7')],
];
