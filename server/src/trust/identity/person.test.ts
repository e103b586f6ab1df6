import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { Refusal } from "@tocsin/base/refusal"
import { type Actor } from "../../kernel/actor.ts"
import { permissions, hasPermission } from "../../kernel/permissions.ts"
import { type Person, isSameMailbox, validatePerson, operatorRoles, partnerRoles } from "./person.ts"

type New = Pick<Person, "partner" | "name" | "mail" | "roles">
const ours: New = { partner: null, name: "Olga", mail: "olga@operator.example", roles: ["manager"] }
const item: New = { partner: "p", name: "Ann", mail: "ann@partner.example", roles: ["lead"] }

function outcome(person: New): string {
    try {
        validatePerson(person)
        return "fine"
    } catch (error) {
        if (error instanceof Refusal) return error.code
        throw error
    }
}

describe("a person", () => {
    test.each<[string, New, string]>([
        ["of the operator", ours, "fine"],
        ["of a partner", item, "fine"],
        ["with every role", { ...ours, roles: operatorRoles }, "fine"],
        ["with both roles of a partner", { ...item, roles: partnerRoles }, "fine"],
        ["without a role", { ...ours, roles: [] }, "identity.bad_roles"],
        ["of the operator with a partner's role", { ...ours, roles: ["lead"] }, "identity.bad_roles"],
        ["of a partner with an operator's role", { ...item, roles: ["lead", "auditor"] }, "identity.bad_roles"],
        ["without a name", { ...ours, name: " " }, "identity.bad_name"],
        ["with the longest name", { ...ours, name: "x".repeat(120) }, "fine"],
        ["with a name that is too long", { ...ours, name: "x".repeat(121) }, "identity.bad_name"],
        ["with a name over two lines", { ...ours, name: "Olga\nBcc: x" }, "identity.bad_name"],
        ["with an address without a host", { ...ours, mail: "olga" }, "identity.bad_mail"],
        ["with two addresses", { ...ours, mail: "a@b.example,c@d.example" }, "identity.bad_mail"],
        ["with a header in the address", { ...ours, mail: "a@b.example\r\nBcc:c@d.example" }, "identity.bad_mail"],
        ["with a name in the address", { ...ours, mail: "Olga <a@b.example>" }, "identity.bad_mail"],
        ["with a letter that looks like another", { ...ours, mail: "olga@oper\u0430tor.example" }, "identity.bad_mail"],
        ["with two at signs", { ...ours, mail: "a@b@c.example" }, "identity.bad_mail"],
        ["with a quoted address", { ...ours, mail: '"a b"@c.example' }, "identity.bad_mail"],
        ["with an address that is too long", { ...ours, mail: `${"x".repeat(243)}@a.example.o` }, "identity.bad_mail"],
    ])("%s", (_, person, expected) => {
        expect(outcome(person)).toBe(expected)
    })

    test("has an address that fits one header line and names one address only", () => {
        const near = fc.array(fc.constantFrom(...'ab.@@<>,;: \r\n"()[]\\é'), { maxLength: 16 })
        fc.assert(
            fc.property(
                near.map((list) => list.join("")),
                (mail) => {
                    if (outcome({ ...ours, mail }) !== "fine") return
                    expect(mail.split("@")).toHaveLength(2)
                    expect(mail).not.toMatch(/[\s<>,;:"()[\]\\]/)
                },
            ),
            { numRuns: 2000 },
        )
    })
})

describe("permission", () => {
    const operator = (...roles: (typeof operatorRoles)[number][]): Actor => ({ kind: "operator", person: "o", roles })
    const member = (...roles: (typeof partnerRoles)[number][]): Actor => ({
        kind: "partner",
        person: "m",
        partner: "p",
        roles,
    })
    const everybody = [operator(...operatorRoles), member(...partnerRoles)]

    test.each<[Actor | null, string, boolean]>([
        [null, "public", true],
        [null, "self:read", false],
        [{ kind: "system", component: "releasing" }, "self:read", false],
        [operator("author"), "case:write", true],
        [operator("approver"), "case:write", false],
        [operator("author", "approver"), "approval:sign", true],
        [operator("manager"), "approval:sign", false],
        [operator("auditor"), "artifact:read", false],
        [operator("admin"), "artifact:read", false],
        [operator("author"), "evidence:read", false],
        [member("analyst"), "copy:read", true],
        [member("analyst"), "own:lead", false],
        [member("lead"), "own:lead", true],
        [member("lead"), "case:read", false],
        [operator(...operatorRoles), "copy:read", false],
    ])("%j: %s is %s", (actor, need, expected) => {
        expect(hasPermission(actor, need)).toBe(expected)
    })

    test("is refused to everyone for an unlisted action", () => {
        for (const actor of everybody) {
            for (const need of ["case:paint", "", "case"]) expect(hasPermission(actor, need)).toBe(false)
        }
    })

    test("with case access is a partner's, and an operator's permission is not a partner's", () => {
        for (const [need, { operators, partners, status }] of Object.entries(permissions)) {
            if (status === "cases") expect([need, operators, partners.length > 0]).toEqual([need, [], true])
            expect(hasPermission(member(...partnerRoles), need)).toBe(partners.length > 0)
        }
    })
})

test.each([
    ["Ann@X.example", "ann@x.example", true],
    ["ann+partner@x.example", "ann@x.example", true],
    ["ann@x.example.", "ann@x.example", true],
    ["ann@x.example", "anne@x.example", false],
    ["ann@x.example", "ann@y.example", false],
])("%s and %s are the same mailbox: %s", (item, other, expected) => {
    expect(isSameMailbox(item, other)).toBe(expected)
})
