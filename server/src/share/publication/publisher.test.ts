import { expect, test } from "vitest"
import { codeOf } from "../../../../test/support/actors.ts"
import { type PublisherSettings, defaultPublisher } from "../../platform/config/publisher.ts"
import { isSecureOrigin, validatePublisher } from "./actions/manage-publisher.ts"

const report = async (publishing: Partial<PublisherSettings>, origin = "https://portal.example"): Promise<string> =>
    await Promise.resolve()
        .then(() => validatePublisher({ ...defaultPublisher, ...publishing }, origin))
        .then(
            () => "taken",
            (error: Error) => error.message,
        )

test.each<[string, Partial<PublisherSettings>, string]>([
    ["as it is shipped", {}, "https://portal.example"],
    ["on one's own machine", {}, "http://localhost:8441"],
    ["by an address of IPv6, with a port", {}, "https://[2001:db8::7]:8443"],
    ["by a name in other letters", {}, new URL("https://bücher.example").origin],
    [
        "with all that can be said",
        { name: "Bücher & Söhne", contact: "psirt@example.org", prefix: "BUE" },
        "https://a.example",
    ],
    ["with a page as its contact", { contact: "https://example.org/a?b=c#d" }, "https://a.example"],
    ["as a multiplier", { category: "multiplier" }, "https://a.example"],
])("is taken %s", async (_, publishing, origin) => {
    expect(await report(publishing, origin)).toBe("taken")
})

test.each<[string, Partial<PublisherSettings>, string, string]>([
    ["no name", { name: " " }, "https://a.example", "publisherName"],
    ["no contact", { contact: "" }, "https://a.example", "publisherContact"],
    ["no category that there is", { category: "boss" as "user" }, "https://a.example", "publisherCategory"],
    ["an id that begins with nothing", { prefix: " " }, "https://a.example", "advisoryPrefix"],
    ["an address that the form does not take", {}, "https://a!b.example", "portalOrigin"],
])("is refused by the name of the setting: %s", async (_, publishing, origin, setting) => {
    expect(
        await codeOf(Promise.resolve().then(() => validatePublisher({ ...defaultPublisher, ...publishing }, origin))),
    ).toBe("publication.bad_setting")
    const message = await report(publishing, origin)
    expect(message).toMatch(new RegExp(`^setting \`${setting}\` cannot be`))
    expect(message).not.toContain("\n")
})

test.each([
    ["https://portal.example", true],
    ["http://localhost:8441", true],
    ["http://127.0.0.1:8441", true],
    ["http://[::1]:8441", true],
    ["http://portal.example", false],
    ["http://10.0.0.7", false],
])("%s is as CSAF asks: %s", (origin, expected) => {
    expect(isSecureOrigin(origin)).toBe(expected)
})
