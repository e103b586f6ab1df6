/**
 * Attacks, faults, whole programs and most journeys: `npm test` leaves them to `npm run test:slow`, so that it stays
 * short enough to be run.
 */
export const slowFiles = [
    "packages/marks/src/carriers/{rules/suricata,source/order}.test.ts",
    "server/src/platform/postgres/postgres.test.ts",
    "server/src/commands/{demo-folder,init,sign-in-link,secrecy,serve}.test.ts",
    "server/src/share/entitlement/replay.test.ts",
    "test/{custody,demonstration,package,publication,vectors}.test.ts",
    "test/attacks/*.test.ts",
    "test/browser/{access-list,alarms,canaries,clocks,drafts,founding,inquiries}.spec.ts",
    "test/browser/{keys,measures,partner,publication,sightings}.spec.ts",
    "test/faults/*.test.ts",
]
