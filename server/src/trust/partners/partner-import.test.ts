import { describe, expect, test } from "vitest"
import { parseRecords } from "./actions/import-partners.ts"
import { readImport } from "./partner-import.ts"

const present = [{ name: "Halcyon Sensor Works", mail: "psirt@halcyon.example" }]
const head = "Name,Mail,Tier,Status,Usable keys\r\n"
const read = (lines: string) => readImport(parseRecords(head + lines), present)
const outcome = (lines: string) => read(lines).map(({ line, result, reason }) => [line, result, reason])

describe("an import of partners", () => {
    test("adds new partners, invited where the file says nothing", () => {
        expect(
            read('"Westerly, Cloud",cert@westerly.example,Advance\r\nGorse,a@gorse.example,entry,applicant'),
        ).toEqual([
            {
                line: 2,
                name: "Westerly, Cloud",
                result: "new",
                reason: null,
                partner: {
                    name: "Westerly, Cloud",
                    mail: "cert@westerly.example",
                    tier: "advance",
                    status: "invited",
                },
            },
            {
                line: 3,
                name: "Gorse",
                result: "new",
                reason: null,
                partner: { name: "Gorse", mail: "a@gorse.example", tier: "entry", status: "applicant" },
            },
        ])
    })

    test("changes no partner, and adds none twice", () => {
        const lines = [
            "Halcyon Sensor Works,psirt@halcyon.example,validate,active",
            "halcyon sensor works,other@halcyon.example,entry",
            "Halcyon,PSIRT@halcyon.example,entry",
            "Gorse,a@gorse.example,entry",
            "Gorse,a@gorse.example,entry",
        ]
        expect(outcome(lines.join("\n"))).toEqual([
            [2, "known", "already in the directory"],
            [3, "known", "already in the directory, with the address psirt@halcyon.example"],
            [4, "known", "Halcyon Sensor Works is in the directory with this address"],
            [5, "new", null],
            [6, "known", "already on line 5"],
        ])
    })

    test.each([
        ["=HYPERLINK(1),a@b.example,entry", "the name starts with a formula sign: write it without the sign"],
        [",a@b.example,entry", "the name is not valid: use 1 to 120 characters without control characters"],
        ["A,no address,entry", "this is not a mail address: enter one like `name@example.org`"],
        ["A,a@b.example,gold", "`gold` is not a tier: use entry, advance, validate"],
        ["A,a@b.example", "an empty field is not a tier: use entry, advance, validate"],
        ["A,a@b.example,entry,active", "`active` is not a status: use invited or applicant"],
    ])("leaves out a line with an error: %s", (line, reason) => {
        expect(outcome(line)).toEqual([[2, "error", reason]])
    })

    test.each([
        ["", "partner_import.missing_column"],
        ["name,tier\nA,entry", "partner_import.missing_column"],
        ['name,mail,tier\n"A,a@b.example,entry', "partner_import.not_csv"],
        [`name,mail,tier\n${"A,a@b.example,entry\n".repeat(1001)}`, "partner_import.too_long"],
    ])("refuses a file that is no list of partners: %j", (csv, code) => {
        expect(() => readImport(parseRecords(csv), [])).toThrow(expect.objectContaining({ code }))
    })
})
