/** Adds an observation from outside, without a text to keep. It proposes to end the case's embargo. */
import { useNavigate } from "@tanstack/react-router"
import { formatInstant } from "@tocsin/base/instant"
import { writeTo } from "../../api.ts"
import type { Trigger } from "../../../../../server/src/share/cases/embargo.ts"
import { evidenceKinds } from "../../../../../server/src/trace/evidence/evidence.ts"
import { clockQualities } from "@tocsin/client/limits"
import { cvePattern, parseListings } from "../../../../../server/src/trace/evidence/listing.ts"
import { type Asked, FormDialog } from "../../../kit/form.tsx"
import { clockNames } from "../../../kit/text.ts"
import { kindNames } from "../../leaks/evidence/evidence-reads.ts"
import { useCaseChoices, useNow, useWhyNot } from "../../artifacts/viewer.tsx"
import { t } from "../../../messages/message.ts"

/** The fields for instant, clock quality and source that every piece of evidence needs. */
export function seenFields(label: string, now: string | null) {
    return [
        { name: "observedAt", label, kind: "instant", initial: now ?? "" },
        {
            name: "clock",
            label: t("Its clock was"),
            kind: "choice",
            from: clockQualities.map((value) => ({ value, name: clockNames[value] })),
            initial: "unknown",
        },
        { name: "note", label: t("Note"), kind: "text", optional: true },
    ] as const satisfies readonly Asked[]
}

const seenKinds = evidenceKinds.filter((kind): kind is Exclude<Trigger, "leak"> => kind !== "leak")

const isCve = (input: string): string | null =>
    input === "" || new RegExp(cvePattern).test(input) ? null : t("a CVE id is written like CVE-2025-53770")

export function FileSeen() {
    const navigate = useNavigate()
    const now = useNow()
    const from = useCaseChoices()
    return (
        <FormDialog
            button={t("Record exploitation…")}
            title={t("Record exploitation seen elsewhere")}
            submit={t("Record")}
            disabledReason={useWhyNot()("evidence:write")}
            requests={[
                {
                    name: "kind",
                    label: t("Kind"),
                    kind: "choice",
                    from: seenKinds.map((value) => ({ value, name: kindNames[value] })),
                },
                { name: "cve", label: t("CVE id"), kind: "line", optional: true, check: isCve },
                {
                    name: "case",
                    label: t("Case"),
                    kind: "choice",
                    from,
                    optional: true,
                    hint: t("none: the open case that has this CVE id"),
                },
                {
                    name: "source",
                    label: t("Source"),
                    kind: "line",
                    hint: t("Tocsin does not open an address"),
                },
                ...seenFields(t("It happened at"), now),
            ]}
            write={({ case: caseId, cve, ...words }) =>
                writeTo("POST", "/api/evidence", {
                    ...words,
                    case: caseId === "" ? null : caseId,
                    ...(cve !== "" && { cve }),
                })
            }
            onDone={(answer) => void navigate({ to: `/leaks/evidence/${answer.evidence}` })}
        >
            <Follows />
        </FormDialog>
    )
}

export function FileCatalogue() {
    return (
        <FormDialog
            button={t("Import exploited CVE ids…")}
            title={t("Import a catalogue of exploited vulnerabilities")}
            submit={t("Record those of open cases")}
            wide
            disabledReason={useWhyNot()("evidence:write")}
            requests={[
                { name: "source", label: t("Publisher and date of the catalogue"), kind: "line" },
                {
                    name: "list",
                    label: t("Catalogue"),
                    kind: "file",
                    hint: t(
                        "the JSON of the KEV catalogue, or one CVE id and one date a line: CVE-2025-53770 2025-07-20",
                    ),
                },
            ]}
            write={({ source, list }) => {
                const listings = parseListings(list).map(({ cve, listedAt }) => ({
                    cve,
                    listedAt: formatInstant(listedAt),
                }))
                return writeTo("POST", "/api/evidence/import-listings", { source, listings })
            }}
        >
            <Follows />
        </FormDialog>
    )
}

function Follows() {
    return (
        <p className="muted">
            {t(
                "If the case is under embargo, Tocsin proposes an earlier end. It is a task with an owner and a deadline, and a person decides.",
            )}
        </p>
    )
}
