export * from 'lodash-es';
