/**
 * Attacks, faults, whole programs and most journeys: `npm test` leaves them to `npm run test:slow`, so that it stays short enough
 * to be run.
 */
export const slowFiles = [
    "src/lib/carriers/{rules/suricata,source/turns}.test.ts",
    "src/platform/postgres.test.ts",
    "src/run/{demo-folder,init,link,secrecy,serve}.test.ts",
    "src/share/entitlement/replaying.test.ts",
    "test/{custody,package,publication,vectors}.test.ts",
    "test/attacks/*.test.ts",
    "test/browser/{alarms,canaries,circle,clocks,drafts,founding,inquiries,keys,measures,partner,publication,sightings}.spec.ts",
    "test/faults/*.test.ts",
]
