const publicKey = { kty: "OKP", crv: "Ed25519", x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }

/** Valid bodies for each portal address that needs a body and a sign-in, so that only the permission is missing. */
export const bodies: Readonly<Record<string, object>> = {
    "POST /api/keys": { recipient: "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj" },
    "POST /api/tokens": { name: "tool", scopes: ["poll"] },
    "POST /api/tokens/{id}/rotation": {},
    "POST /api/machine-clients": { name: "SIEM", keys: [publicKey], scopes: ["poll"] },
    "PUT /api/machine-clients/{id}/keys": { keys: [publicKey] },
    "POST /api/passkeys/registration-options": {},
    "POST /api/connected-identities": { provider: "partner-sso", returnTo: "/" },
    "POST /api/passkeys/{id}/remove": {
        assertion: { id: "AAAA", clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
    },
    "POST /api/session/confirmation": {
        assertion: { id: "AAAA", clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" },
    },
    "POST /api/passkeys": {
        name: "Laptop",
        registration: { id: "AAAA", clientDataJSON: "AAAA", attestationObject: "AAAA", transports: [] },
    },
    "POST /api/mail-keys": { key: "no key" },
    "POST /api/keys/{id}/test": { code: "AAAAA-AAAAA-AAAAA-AAAAA" },
    "POST /api/roster": { name: "Somebody New", mail: "new@partner.example", roles: ["analyst"] },
    "POST /api/agreements/accept": { version: 1 },
    "POST /api/vouches": { reference: "x".repeat(22), text: "We have worked with their people for years." },
    "POST /api/attestations": { obligations: [{ id: "2.1", kept: true, note: "" }] },
    "POST /api/regular-reports": { nothing: true, text: "" },
    "POST /api/webhooks": { address: "https://hooks.partner.example/in" },
    "POST /api/mailbox/verify": { code: "AAAAA-AAAAA-AAAAA-AAAAA" },
    "POST /api/inquiries/{id}/answer": { text: "It was not us." },
    "POST /api/letters/{id}/answer": { text: "It was not us." },
    "POST /api/letters/{id}/appeal": { text: "It was not us." },
    "PUT /api/notice-filter": { patterns: [{ vendor: "Microsoft", product: null }] },
    "PUT /api/warnings/{id}/access-list": { people: null },
    "POST /api/artifacts/{id}/test-results": {
        version: 1,
        verdict: "works",
        hits: 1,
        falsePositives: null,
        environment: "A laboratory.",
    },
    "POST /api/sightings": {
        id: "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0001",
        warning: "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0002",
        observedAt: "2025-07-03T16:00:00Z",
        clock: "unknown",
    },
    "POST /api/warnings/{id}/questions": { text: "Does it need a restart?" },
    "POST /api/protection-statuses": { warning: "0d1b9c1e-5a55-4c8e-9a11-0b6a4f6c0002", state: "not_applicable" },
    "POST /api/consents/{id}/answer": { accepts: true },
    "POST /api/consents/{id}/proposals": { endsAt: "2025-07-07T17:00:00Z" },
    "POST /taxii2/api/collections/{collection}/objects/": { objects: [] },
}
