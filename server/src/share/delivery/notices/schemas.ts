/** Request and answer types of the routes of notices. */
import { Type } from "typebox"
import { closed, orNull } from "../../../kernel/schemas.ts"
import { patternsMax, productLengthMax, vendorLengthMax } from "./filter.ts"

const patterns = Type.Array(
    Type.Object(
        {
            vendor: Type.String({ minLength: 1, maxLength: vendorLengthMax }),
            product: orNull(Type.String({ minLength: 1, maxLength: productLengthMax })),
        },
        closed,
    ),
    { maxItems: patternsMax },
)

export const noticeFilter = Type.Object({ patterns }, closed)
