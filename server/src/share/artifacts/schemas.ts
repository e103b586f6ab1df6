/** Request and answer types of the routes of artifacts. */
import { Type } from "typebox"
import { closed, id, orNull } from "../../kernel/schemas.ts"
import { sampleExpectations, sampleCharsMax } from "./sample.ts"
import { contentCharsMax } from "./content.ts"
import { artifactClasses, colludersMax, papLabels, tlpLabels } from "./artifact.ts"
import { recallReasonMax } from "./recall.ts"

export const contentField = Type.String({ minLength: 1, maxLength: contentCharsMax })

export const artifactFields = {
    class: Type.Enum([...artifactClasses]),
    tlp: Type.Enum([...tlpLabels]),
    pap: Type.Enum([...papLabels]),
    name: Type.String({ minLength: 1, maxLength: 100 }),
}

/** The number of colluding recipients that the marks must identify: 1 to 8, default 2. */
const colluders = Type.Integer({ minimum: 1, maximum: colludersMax })

const sampleFields = {
    name: Type.String({ minLength: 1, maxLength: 100 }),
    must: Type.Enum([...sampleExpectations]),
    content: Type.String({ minLength: 1, maxLength: sampleCharsMax }),
    base64: Type.Boolean(),
}

const artifactAnswer = {
    ...{ id, ...artifactFields, version: Type.Integer(), versionAt: Type.String(), colluders },
    /** Empty where the content of the case was deleted. */
    name: Type.String(),
    /** Whether the newest version is recalled. */
    recalled: Type.Boolean(),
}

export const artifactsAnswer = Type.Object({ artifacts: Type.Array(Type.Object(artifactAnswer)) })

export const allArtifactsAnswer = Type.Object({ artifacts: Type.Array(Type.Object({ case: id, ...artifactAnswer })) })

export const newArtifactBody = Type.Object(
    { ...artifactFields, content: contentField, colluders: Type.Optional(colluders) },
    closed,
)

export const reviseArtifactBody = Type.Object({ content: contentField, colluders: Type.Optional(colluders) }, closed)

export const reviseArtifactAnswer = Type.Object({ version: Type.Integer() })

export const samplesAnswer = Type.Object({
    samples: Type.Array(Type.Object({ id, ...sampleFields, addedBy: id, addedAt: Type.String() })),
})

export const newSampleBody = Type.Object(sampleFields, closed)

export const deleteSampleParams = Type.Object({ id, sample: id }, closed)

export const newRecallBody = Type.Object(
    {
        version: orNull(Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 })),
        reason: Type.String({ minLength: 1, maxLength: recallReasonMax }),
    },
    closed,
)
