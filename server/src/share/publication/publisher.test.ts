import { expect, test } from "vitest"
import { awaitRefusalCode } from "../../../../test/support/actors.ts"
import { type PublisherSettings, defaultPublisher } from "../../platform/config/publisher.ts"
import { isSecureOrigin, validatePublisher } from "./actions/validate-publisher.ts"

const report = async (publishing: Partial<PublisherSettings>, origin = "https://portal.example"): Promise<string> =>
    await Promise.resolve()
        .then(() => validatePublisher({ ...defaultPublisher, ...publishing }, origin))
        .then(
            () => "taken",
            (error: Error) => error.message,
        )

test.each<[string, Partial<PublisherSettings>, string]>([
    ["as shipped", {}, "https://portal.example"],
    ["for a local installation", {}, "http://localhost:8441"],
    ["with an IPv6 address and a port", {}, "https://[2001:db8::7]:8443"],
    ["with a name in other letters", {}, new URL("https://bücher.example").origin],
    ["with every field", { name: "Bücher & Söhne", contact: "psirt@example.org", prefix: "BUE" }, "https://a.example"],
    ["with a page as contact", { contact: "https://example.org/a?b=c#d" }, "https://a.example"],
    ["as a multiplier", { category: "multiplier" }, "https://a.example"],
])("is accepted %s", async (_, publishing, origin) => {
    expect(await report(publishing, origin)).toBe("taken")
})

test.each<[string, Partial<PublisherSettings>, string, string]>([
    ["no name", { name: " " }, "https://a.example", "publisherName"],
    ["no contact", { contact: "" }, "https://a.example", "publisherContact"],
    ["an unknown category", { category: "boss" as "user" }, "https://a.example", "publisherCategory"],
    ["an id without a prefix", { prefix: " " }, "https://a.example", "advisoryPrefix"],
    ["a URL that the schema refuses", {}, "https://a!b.example", "portalOrigin"],
])("is refused with the name of the setting: %s", async (_, publishing, origin, setting) => {
    expect(
        await awaitRefusalCode(
            Promise.resolve().then(() => validatePublisher({ ...defaultPublisher, ...publishing }, origin)),
        ),
    ).toBe("publication.bad_setting")
    const message = await report(publishing, origin)
    expect(message).toMatch(new RegExp(`^setting \`${setting}\` is not valid`))
    expect(message).not.toContain("\n")
})

test.each([
    ["https://portal.example", true],
    ["http://localhost:8441", true],
    ["http://127.0.0.1:8441", true],
    ["http://[::1]:8441", true],
    ["http://portal.example", false],
    ["http://10.0.0.7", false],
])("%s conforms to CSAF: %s", (origin, expected) => {
    expect(isSecureOrigin(origin)).toBe(expected)
})
