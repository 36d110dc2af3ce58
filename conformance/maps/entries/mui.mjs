export * from '@mui/material';
