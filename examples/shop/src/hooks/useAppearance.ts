import { useLayoutEffect } from 'react';
import { useSettings } from '@/stores';

/** Writes the settings that CSS reads onto the root element. */
export function useAppearance(): void {
  const theme = useSettings((state) => state.theme);
  const still = useSettings((state) => state.still);
  const locale = useSettings((state) => state.locale);
  useLayoutEffect(() => {
    const { documentElement: root } = document;
    root.dataset.theme = theme;
    root.dataset.motion = still ? 'still' : 'full';
    root.lang = locale;
  }, [theme, still, locale]);
}
