/** Tests the plan of an import, line by line. */
import { describe, expect, test } from "vitest"
import { readCsv } from "./actions/read-file.ts"
import { additionsOf, entriesOf, sumsOf } from "./import-additions.ts"
import { type Directory, importLimits, planImport } from "./import-plan.ts"
import { groupByDomain, readRoster } from "./roster-file.ts"

const directory: Directory = {
    partners: [
        { id: "h", name: "Halcyon Sensor Works", mail: "psirt@halcyon.example", status: "invited" },
        { id: "c", name: "Copperline", mail: "cert@copperline.example", status: "active" },
        { id: "d", name: "Duskford", mail: "cert@duskford.example", status: "declined" },
    ],
    people: [
        { partner: "h", mail: "otto@halcyon.example" },
        { partner: "c", mail: "cleo@copperline.example" },
        { partner: null, mail: "ingrid@operator.example" },
    ],
}
const head = "Name,Mail,Tier,Status,Person_name,Person_mail,Role,Duties,Usable keys\r\n"
const plan = (lines: string, columns = head) => planImport(readCsv(columns + lines, "analyst"), directory, "entry")
const outcome = (lines: string, columns = head) =>
    plan(lines, columns).map(({ line, result, reason }) => [line, result, reason?.code.replace("partner_import.", "")])

describe("an import", () => {
    test("adds partners with their people and duties, from one line or several", () => {
        const lines = plan(
            '"Westerly, Cloud",cert@westerly.example,Advance,,Ada,ada@westerly.example,lead,CRA; rmsv\r\n' +
                '"Westerly, Cloud",,,,Ben,ben@westerly.example,,\r\n' +
                "Gorse,a@gorse.example,entry,applicant",
        )
        expect(lines.map(({ line, result, reason }) => [line, result, reason])).toEqual([
            [2, "new_partner", null],
            [3, "new_person", null],
            [4, "new_partner", null],
        ])
        expect(additionsOf(lines)).toEqual([
            {
                partner: {
                    name: "Westerly, Cloud",
                    mail: "cert@westerly.example",
                    tier: "advance",
                    status: "invited",
                    duties: ["RMSV", "CRA"],
                },
                people: [
                    { name: "Ada", mail: "ada@westerly.example", role: "lead" },
                    { name: "Ben", mail: "ben@westerly.example", role: "analyst" },
                ],
            },
            {
                partner: {
                    name: "Gorse",
                    mail: "a@gorse.example",
                    tier: "entry",
                    status: "applicant",
                    duties: [],
                },
                people: [],
            },
        ])
        expect(sumsOf(lines)).toEqual({ partners: 2, people: 2, known: 0, errors: 0, withoutLead: 1 })
    })

    test("changes no partner, and adds none twice", () => {
        const lines = [
            "Halcyon Sensor Works,psirt@halcyon.example,validate,active",
            "halcyon sensor works,other@halcyon.example,entry",
            "Halcyon,PSIRT@halcyon.example,entry",
            "Gorse,a@gorse.example,entry",
            "Gorse,a@gorse.example,entry",
            "Gorse,a@gorse.example,validate",
        ]
        expect(outcome(lines.join("\n"))).toEqual([
            [2, "known", "known_partner"],
            [3, "error", "other_address"],
            [4, "error", "other_name"],
            [5, "new_partner", undefined],
            [6, "known", "repeated_partner"],
            [7, "error", "other_facts"],
        ])
    })

    test("adds people to a partner that is not admitted, each once", () => {
        const people = [
            "Halcyon Sensor Works,,,,Ann,ann@halcyon.example,lead",
            "Halcyon Sensor Works,,,,Ann,ANN+work@halcyon.example,lead",
            "Halcyon Sensor Works,,,,Otto,otto@halcyon.example,lead",
            "Copperline,,,,Dan,dan@copperline.example,analyst",
            "Duskford,,,,Eve,eve@duskford.example,analyst",
            "Halcyon Sensor Works,,,,Cleo,cleo@copperline.example,analyst",
            "Halcyon Sensor Works,,,,Ingrid,ingrid@operator.example,analyst",
        ]
        const lines = plan(people.join("\n"))
        expect(outcome(people.join("\n"))).toEqual([
            [2, "new_person", undefined],
            [3, "known", "repeated_person"],
            [4, "known", "known_person"],
            [5, "error", "not_onboarding"],
            [6, "error", "not_onboarding"],
            [7, "error", "person_of_other"],
            [8, "error", "staff_mail"],
        ])
        expect(additionsOf(lines)).toEqual([
            { partner: "h", people: [{ name: "Ann", mail: "ann@halcyon.example", role: "lead" }] },
        ])
    })

    test.each([
        ["=HYPERLINK(1),a@b.example,entry", "formula"],
        [",a@b.example,entry", "partner.bad_name"],
        ["A,no address,entry", "partner.bad_mail"],
        ["A,a@b.example,gold", "bad_tier"],
        ["A,a@b.example", "bad_tier"],
        ["A,a@b.example,entry,active", "bad_status"],
        ["A,a@b.example,entry,,Ann,ann@b.example,owner", "bad_role"],
        ["A,a@b.example,entry,,+1,ann@b.example", "formula"],
        ["A,a@b.example,entry,,,ann@b.example", "identity.bad_name"],
        ["A,a@b.example,entry,,Ann,", "identity.bad_mail"],
        ["A,a@b.example,entry,,,,,GDPR", "bad_duty"],
    ])("refuses %s", (line, code) => expect(outcome(line)).toEqual([[2, "error", code]]))

    test("takes the tier of the form where the file has none", () => {
        expect(outcome("A,a@a.example", "name,mail\n")).toEqual([[2, "new_partner", undefined]])
    })

    test("takes as many people of a partner as get links on one day, and as many lines as it can apply", () => {
        const people = Array.from({ length: importLimits.peopleMax + 1 }, (_, n) => `A,a@a.example,,,P,p${n}@a.example`)
        expect(outcome(`A,a@a.example,entry\n${people.join("\n")}`).at(-1)).toEqual([43, "error", "too_many_people"])
        const many = Array.from({ length: importLimits.entriesMax + 1 }, (_, n) => `P${n},p${n}@a.example,entry`)
        expect(() => plan(many.join("\n"))).toThrow("split the file")
    })

    test("is planned again to the same additions, unless the directory changed", () => {
        const signed = additionsOf(
            plan("A,a@a.example,entry,,Ann,ann@a.example,lead,CRA\nHalcyon Sensor Works,,,,Ben,ben@halcyon.example,"),
        )
        const again = (now: Directory) => additionsOf(planImport(entriesOf(signed, now.partners), now, "validate"))
        expect(again(directory)).toEqual(signed)
        const [halcyon, ...others] = directory.partners
        expect(again({ ...directory, partners: others })).not.toEqual(signed)
        expect(again({ ...directory, partners: [{ ...halcyon!, status: "active" as const }, ...others] })).not.toEqual(
            signed,
        )
        const newcomer = { id: "a", name: "A", mail: "a@a.example", status: "invited" as const }
        expect(again({ ...directory, partners: [...directory.partners, newcomer] })).not.toEqual(signed)
    })
})

describe("an import names partners", () => {
    const stranger = {
        id: "s",
        name: "Halcyon  Sensor WORKS",
        mail: "x@stranger.example",
        status: "applicant" as const,
    }
    const crowd = { ...directory, partners: [...directory.partners, stranger] }
    const planned = (lines: string) =>
        planImport(readCsv(head + lines, "analyst"), crowd, "entry").map(({ reason, knownPartner }) => [
            reason?.code.replace("partner_import.", ""),
            knownPartner?.id,
        ])

    test("refuses a name that several partners have, unless the address says which", () => {
        expect(planned("halcyon sensor\u00a0works,,,,Ann,ann@halcyon.example,lead")).toEqual([
            ["ambiguous_name", undefined],
        ])
        expect(planned("Halcyon Sensor Works,new@halcyon.example,entry")).toEqual([["ambiguous_name", undefined]])
        expect(planned("Halcyon Sensor Works,psirt@halcyon.example,,,Ann,ann@halcyon.example,lead")).toEqual([
            [undefined, "h"],
        ])
        const signed = additionsOf(
            planImport(
                readCsv(`${head}Halcyon Sensor Works,psirt@halcyon.example,,,Ann,ann@halcyon.example,lead`, "analyst"),
                crowd,
                "entry",
            ),
        )
        expect(additionsOf(planImport(entriesOf(signed, crowd.partners), crowd, "entry"))).toEqual(signed)
    })

    test("says which partner of the directory a line names", () => {
        const [line] = plan("Copperline,,,,Dan,dan@copperline.example,analyst")
        expect(line).toMatchObject({
            result: "error",
            knownPartner: { id: "c", name: "Copperline", mail: "cert@copperline.example", status: "active" },
        })
    })

    test("compares names without case, compatibility forms and repeated spaces", () => {
        expect(outcome("\uff23opperline,cert@copperline.example,entry")).toEqual([[2, "known", "known_partner"]])
    })

    test("keeps the facts of a partner whose first person is refused", () => {
        const lines = plan(
            "Gorse,a@gorse.example,advance,applicant,Ingrid,ingrid@operator.example,lead,CRA\n" +
                "Gorse,,,,Ben,ben@gorse.example,lead\nGorse,,validate,,Cai,cai@gorse.example,lead",
        )
        expect(lines.map(({ result, reason }) => [result, reason?.code])).toEqual([
            ["error", "partner_import.staff_mail"],
            ["new_partner", undefined],
            ["error", "partner_import.other_facts"],
        ])
        expect(additionsOf(lines)).toMatchObject([
            {
                partner: { mail: "a@gorse.example", tier: "advance", status: "applicant", duties: ["CRA"] },
                people: [{ name: "Ben" }],
            },
        ])
        expect(sumsOf(lines).partners).toBe(1)
    })

    test.each([
        ["A,Ingrid+x@operator.example,entry", "staff_mail"],
        ["A,cleo@copperline.example,entry", "address_of_person"],
        ["A,a@a.example,entry,,Cert,CERT@copperline.example,lead", "address_of_partner"],
    ])("refuses the address of another: %s", (line, code) => expect(outcome(line)).toEqual([[2, "error", code]]))

    test("gives a new partner of a domain the address of its first accepted person", () => {
        const roster = readRoster(
            "ingrid@operator.example\n\nada@operator.example\nben@operator.example\nx@duskford.example",
        )
        const lines = planImport(groupByDomain(roster, directory.partners, "analyst"), directory, "entry")
        expect(lines.map(({ result, reason }) => [result, reason?.code])).toEqual([
            ["error", "partner_import.staff_mail"],
            ["new_partner", undefined],
            ["new_person", undefined],
            ["error", "partner_import.not_onboarding"],
        ])
        const signed = additionsOf(lines)
        expect(signed).toMatchObject([{ partner: { name: "operator.example", mail: "ada@operator.example" } }])
        expect(additionsOf(planImport(entriesOf(signed, directory.partners), directory, "entry"))).toEqual(signed)
    })

    test("refuses a domain that is the name of a partner of another address", () => {
        const named = { id: "n", name: "birch.example", mail: "x@stranger.example", status: "invited" as const }
        const there = { ...directory, partners: [named] }
        const [line] = planImport(groupByDomain(readRoster("a@birch.example"), [named], "analyst"), there, "entry")
        expect(line?.reason?.code).toBe("partner_import.domain_is_name")
    })
})

describe("a CSV file", () => {
    test("can have semicolons between its cells, as Excel writes it", () => {
        const [entry] = readCsv('name;mail;duties\r\n"A, B";a@a.example;"RMSV;CRA"\r\n', "analyst")
        expect(entry?.partner).toMatchObject({ name: "A, B", mail: "a@a.example", duties: "RMSV;CRA" })
    })

    test.each([
        ["", "no_partner"],
        ["name,tier\nA,entry\n", "missing_column"],
        ['name,mail\n"A,b\n', "not_csv"],
    ])("is refused: %j", (csv, code) => {
        expect(() => readCsv(csv, "analyst")).toThrow(expect.objectContaining({ code: `partner_import.${code}` }))
    })
})
