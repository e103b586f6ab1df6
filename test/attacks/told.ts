/** What each of the portal's addresses that takes a body and a sign-in is told: well formed, so that only the right is missing. */
export const bodies: Readonly<Record<string, object>> = {
    "POST /api/keys": { recipient: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj" },
    "POST /api/mail-keys": { key: "no key" },
    "POST /api/keys/{id}/test": { code: "AAAAA-AAAAA-AAAAA-AAAAA" },
    "POST /api/roster": { name: "Somebody New", mail: "new@partner.example", roles: ["analyst"] },
    "POST /api/agreements/acceptance": { version: 1 },
    "POST /api/vouches": { reference: "x".repeat(22), words: "We have worked with their people for years." },
    "POST /api/attestations": { obligations: [{ id: "2.1", kept: true, note: "" }] },
    "POST /api/regular-reports": { nothing: true, text: "" },
    "POST /api/webhooks": { address: "https://hooks.partner.example/in" },
    "POST /api/mailbox/proof": { code: "AAAAA-AAAAA-AAAAA-AAAAA" },
    "POST /api/inquiries/{id}/answer": { text: "It was not us." },
    "POST /api/letters/{id}/answer": { text: "It was not us." },
    "POST /api/letters/{id}/appeal": { text: "It was not us." },
    "PUT /api/notice-filter": { patterns: [{ vendor: "Microsoft", product: null }] },
    "PUT /api/warnings/{id}/circle": { persons: null },
    "POST /api/artifacts/{id}/result": {
        ...{ version: 1, verdict: "works", hits: 1, falsePositives: null },
        environment: "A laboratory.",
    },
    "POST /api/sightings": {
        ...{ id: "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0001", warning: "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0002" },
        ...{ seenAt: "2025-07-03T16:00:00Z", clock: "unknown" },
    },
    "POST /api/consents/{id}/answer": { accepts: true },
    "POST /api/consents/{id}/proposals": { endsAt: "2025-07-07T17:00:00Z" },
    "POST /taxii2/api/collections/{collection}/objects/": { objects: [] },
}
