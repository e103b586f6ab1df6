/** A case's artifacts: the files at the left, the text of one in the middle, its labels and marks at the right. */
import { useState } from "react"
import { artifactClasses } from "../../../../server/src/share/artifacts/artifact.ts"
import { useSearchTexts } from "../../kit/address.ts"
import { When } from "../../kit/instant.tsx"
import { Empty, Loaded } from "../../kit/notice.tsx"
import { Badge, Facts, Label, Section } from "../../kit/table.tsx"
import type { Artifact, Case } from "../answers.ts"
import { ResultsDialog } from "../cases/reports/test-results.tsx"
import { useCaseArtifacts } from "../cases/case-reads.ts"
import { AddArtifact } from "./add-artifact.tsx"
import { ArtifactText } from "./artifact-text.tsx"
import { SamplesDialog } from "./samples.tsx"
import { RailPlace } from "./rail-place.tsx"
import { PackageFigures, usePackages } from "./package-strength.tsx"
import type { PackageStrength } from "./package.ts"
import { Strength } from "./strength.tsx"
import { useCan } from "./viewer.tsx"
import { t, valueText } from "../../messages/message.ts"

export function Artifacts({ subject }: { subject: Case }) {
    const artifacts = useCaseArtifacts(subject.id)
    return (
        <Loaded query={artifacts}>
            {({ artifacts }) =>
                artifacts.length === 0 ? (
                    <Section title={t("Artifacts")} aside={<AddArtifact subject={subject} />}>
                        <Empty title={t("No artifacts yet.")}>
                            {t("Add the first file of this case, like summary.md.")}
                        </Empty>
                    </Section>
                ) : (
                    <Files subject={subject} artifacts={artifacts.toSorted(byClass)} />
                )
            }
        </Loaded>
    )
}

const byClass = (a: Artifact, b: Artifact): number =>
    artifactClasses.indexOf(a.class) - artifactClasses.indexOf(b.class) || a.name.localeCompare(b.name)

interface FilesProps {
    subject: Case
    artifacts: readonly Artifact[]
}

function Files({ subject, artifacts }: FilesProps) {
    const [texts, change] = useSearchTexts()
    const packages = usePackages(subject.id)
    const [rail, setRail] = useState<HTMLElement | null>(null)
    const chosen = artifacts.find(({ id }) => id === texts["artifact"]) ?? null
    return (
        <div className={chosen === null ? "files" : "files with-text"}>
            <div className="files-side">
                <Section title={t("Artifacts")} count={artifacts.length} aside={<AddArtifact subject={subject} />}>
                    <ul className="file-list">
                        {artifacts.map((artifact) => (
                            <li key={artifact.id}>
                                <button
                                    type="button"
                                    aria-current={artifact === chosen}
                                    onClick={() => change({ artifact: artifact.id })}
                                >
                                    <FileRow
                                        artifact={artifact}
                                        file={packages.data?.files.find((file) => file.artifact === artifact.id)}
                                    />
                                </button>
                            </li>
                        ))}
                    </ul>
                </Section>
                <PackageFigures query={packages} />
            </div>
            {chosen === null ? (
                <Empty title={t("Select a file.")}>{t("The audit log records each read of a text.")}</Empty>
            ) : (
                <RailPlace value={rail}>
                    <ArtifactText key={`${chosen.id} ${chosen.version}`} artifact={chosen} />
                    <ArtifactFacts artifact={chosen} onRail={setRail} />
                </RailPlace>
            )}
        </div>
    )
}

interface FileRowProps {
    artifact: Artifact
    /** Undefined: not known yet, or not for this viewer. */
    file: PackageStrength["files"][number] | undefined
}

const states = {
    valid: { tone: "good", text: t("no issues") },
    warning: { tone: "warn", text: t("has warnings") },
    error: { tone: "bad", text: t("has errors") },
} as const

/** The dots differ in form as well as in colour. */
function FileRow({ artifact, file }: FileRowProps) {
    const slots = file?.slots ?? null
    return (
        <>
            <span className="mono clip">{artifact.name}</span>
            {artifact.recalled && <Badge tone="bad">{t("recalled")}</Badge>}
            {file !== undefined && <span className={`dot ${states[file.state].tone}`} />}
            {file !== undefined && (
                <>
                    <span className="num muted" aria-hidden="true">
                        {slots ?? "–"}
                    </span>
                    <span className="unseen">
                        {slots === null
                            ? t("no marks, {state}", { state: states[file.state].text })
                            : t("{slots, plural, one {# slot} other {# slots}}, {state}", {
                                  slots,
                                  state: states[file.state].text,
                              })}
                        {", "}
                    </span>
                </>
            )}
            <span className={file === undefined ? "muted" : "unseen"}>{valueText(artifact.class)}</span>
        </>
    )
}

interface ArtifactFactsProps {
    artifact: Artifact
    /** Receives the place in the rail for the issues of the text. */
    onRail: (place: HTMLElement | null) => void
}

function ArtifactFacts({ artifact, onRail }: ArtifactFactsProps) {
    const canRead = useCan()("artifact:read")
    return (
        <aside className="rail" aria-label={artifact.name}>
            <div className="rail-place" ref={onRail} />
            <Section title={t("Details")}>
                <Facts
                    items={[
                        [t("Class"), valueText(artifact.class)],
                        [
                            t("Labels"),
                            <span key="labels" className="labels">
                                <Label scheme="TLP" value={artifact.tlp} />
                                <Label scheme="PAP" value={artifact.pap} />
                            </span>,
                        ],
                        [t("Version"), artifact.version],
                        [t("Written"), <When key="at" at={artifact.versionAt} short />],
                        [t("Colluders"), t("{colluders}, as the author declared", { colluders: artifact.colluders })],
                    ]}
                />
                <div className="row">
                    {canRead && artifact.class === "rules" && <SamplesDialog artifact={artifact} />}
                    <ResultsDialog artifact={artifact} />
                </div>
            </Section>
            {canRead && <Strength artifact={artifact} />}
        </aside>
    )
}
