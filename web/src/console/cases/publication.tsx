/** Shows whether a case's advisory passes validation: before publication, and after a refusal. */
import { type AnswerTo, useRead } from "../api.ts"
import { Notice } from "../../kit/notice.tsx"
import { Table } from "../../kit/table.tsx"
import { Contradiction } from "./public-text.tsx"
import { t } from "../../messages/message.ts"

type Fault = Publication["faults"][number]

export type Publication = AnswerTo<"/api/cases/{id}/publication">

export const usePublicationRead = (id: string) => useRead(`/api/cases/${id}/publication`)
export const usePublication = (id: string) => usePublicationRead(id).data

/** Returns whether the embargo has ended without a publication. */
export function useIsUnnotified(id: string): boolean {
    const publication = usePublication(id)
    return publication?.state === "due" && publication.advisory === null
}

/** Shows nothing if the advisory would be accepted. */
export function WouldBeRefused({ caseId }: { caseId: string }) {
    const publication = usePublication(caseId)
    if (publication === undefined) return null
    if (publication.faults.length === 0) return <Contradiction contradicts={publication.contradictsReports} />
    return (
        <>
            <Contradiction contradicts={publication.contradictsReports} />
            <Notice tone="bad">
                <strong className="block">{refusedWords(publication)}</strong>
                {publication.state === "due"
                    ? t("Correct the errors, and Tocsin publishes it automatically.")
                    : t("The wave would be released without a public advisory. Correct the errors first.")}{" "}
                <code className="code">{`publication.${codeOf(publication.faults)}`}</code>
            </Notice>
            <Faults faults={publication.faults} />
        </>
    )
}

export function refusedWords({ state, advisory, faults }: Pick<Publication, "state" | "advisory" | "faults">): string {
    if (state !== "due" && isIncomplete(faults)) return t("The advisory would be refused: the case is incomplete")
    if (state !== "due") return t("The advisory would be refused: it is not valid CSAF")
    return advisory === null
        ? t("The advisory was refused: nothing is published")
        : t("The correction of {advisory} was refused: the public text stays uncorrected", { advisory })
}

function codeOf(faults: readonly Fault[]): string {
    if (faults.some(({ test, where }) => test === null && where === "/document/notes")) return "denies"
    return isIncomplete(faults) ? "incomplete" : "not_valid"
}

/** Distinguishes facts that the case lacks from faults in a document. */
export const isIncomplete = (faults: readonly Fault[]): boolean =>
    faults.some(({ test, where }) => test === null && where === "/vulnerabilities")

function Faults({ faults }: { faults: readonly Fault[] }) {
    return (
        <Table
            caption={t("What to correct")}
            rows={faults}
            keyOf={({ test, where, says }) => `${test} ${where} ${says}`}
            columns={[
                {
                    name: t("Test"),
                    cell: ({ test }) => (test === null ? "Tocsin" : <code className="code">{test}</code>),
                },
                { name: t("Where"), cell: ({ where }) => <code className="code">{where}</code> },
                { name: t("Error"), cell: ({ says }) => says },
                { name: t("In"), cell: ({ forms }) => forms.join(", ") },
                { name: t("Correct in"), cell: ({ where }) => placeToMend(where) },
            ]}
        />
    )
}

function placeToMend(where: string): string {
    if (/^\/document\/(?:publisher|references)/.test(where)) return t("the publisher settings")
    if (/^\/document\/(?:tracking|distribution|csaf_version)/.test(where)) return t("not by you: report it")
    return where.startsWith("/document/notes") ? t("the texts of the case") : t("the facts of the case")
}
