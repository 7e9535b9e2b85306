import { Problem } from '../../api/problem';
import { failed } from '../../app/failed';

/** Tells a failure where it belongs: beside the fields and the version that it is about, or else for all to see. */
export function told(title: string, error: unknown): Problem {
  const beside = error instanceof Problem && (error.fields.length > 0 || error.conflict);
  return beside ? error : failed(title, error);
}
