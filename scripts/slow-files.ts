/**
 * Attacks, faults, whole programs and most journeys: `npm test` leaves them to `npm run test:slow`, so that it stays
 * short enough to be run.
 */
export const slowFiles = [
    "packages/marks/src/evidence.test.ts",
    "packages/marks/src/carriers/{rules/json,rules/suricata,source/carrier,source/order}.test.ts",
    "server/src/platform/sandbox/pdf.test.ts",
    "server/src/platform/postgres/postgres.test.ts",
    "server/src/commands/{backup,demo-folder,init,key-process,lock-key,rotate-key,sign-in-link,secrecy,serve}.test.ts",
    "server/src/share/entitlement/replay.test.ts",
    "test/{custody,deleted-content,demonstration,package,publication,vectors}.test.ts",
    "test/attacks/*.test.ts",
    "test/browser/{access-list,alarms,canaries,clocks,drafts,founding,inquiries,journey,language}.spec.ts",
    "test/browser/delete-content.spec.ts",
    "test/browser/{keys,matrix,measures,partner,partners,passkey-keys}.spec.ts",
    "test/browser/{public-pages,publication,settings,sightings,sign-in}.spec.ts",
    "test/deploy/proxies.test.ts",
    "test/faults/*.test.ts",
]
