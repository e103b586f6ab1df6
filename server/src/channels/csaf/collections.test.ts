/** The provider metadata, public and for one partner, satisfies the standard. */
import { Check } from "typebox/value"
import { describe, expect, test } from "vitest"
import { example } from "../../../../test/advisories/any.ts"
import { providerSchema } from "../../../../test/support/provider-schema.ts"
import { publisherCategories } from "@tocsin/formats/advisory/advisory"
import { type CsafVersion, csafVersions } from "@tocsin/formats/csaf/document"
import { type Offer, type PublicKeyInfo, providerMetadata, publicOffer } from "@tocsin/formats/csaf/provider"
import { partnerOffer } from "./collections.ts"

type Loose = ReturnType<typeof JSON.parse>

const key: PublicKeyInfo = { fingerprint: "A".repeat(40) }
const offers: [string, (version: CsafVersion) => Offer][] = [
    ["everybody's", publicOffer],
    ["a partner's", partnerOffer],
]
const run = (offer: Offer, signed: PublicKeyInfo | null = key, publisher = example.publisher): Loose =>
    providerMetadata(publisher, offer, signed === null ? [] : [signed], 0)

describe.each(offers)("%s metadata", (_, offerIn) => {
    test.each(csafVersions)("satisfies the schema of %s, with a key and without", (version) => {
        for (const signed of [key, null]) {
            expect(Check(providerSchema(version), run(offerIn(version), signed))).toBe(true)
        }
        for (const field of ["publisher", "role", "last_updated", "canonical_url"]) {
            const { [field]: __, ...less } = run(offerIn(version))
            expect(Check(providerSchema(version), less)).toBe(false)
        }
    })

    test.each(csafVersions)("satisfies the schema of %s for any publisher", (version) => {
        for (const category of publisherCategories) {
            for (const contact of [null, "psirt@example.org"]) {
                const publisher = { ...example.publisher, category, contact }
                expect(Check(providerSchema(version), run(offerIn(version), key, publisher)), category).toBe(true)
            }
        }
    })

    test.each(csafVersions)("of %s claims signatures only with a key", (version) => {
        expect(run(offerIn(version))).toMatchObject({
            role: "csaf_trusted_provider",
            public_openpgp_keys: [{ fingerprint: key.fingerprint }],
        })
        expect(run(offerIn(version), null).role).toBe("csaf_provider")
        expect(run(offerIn(version), null)).not.toHaveProperty("public_openpgp_keys")
    })
})

test("keeps a partner's documents out of other lists and mirrors", () => {
    for (const version of csafVersions) {
        expect(run(partnerOffer(version))).toMatchObject({
            list_on_CSAF_aggregators: false,
            mirror_on_CSAF_aggregators: false,
        })
    }
})
