/** The only way to the API. */
export * from '@creator-dashboards/client';
