export * from './useAppearance';
export * from './useLocale';
export * from './useMoney';
