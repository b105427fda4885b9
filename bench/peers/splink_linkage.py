"""The peer of `cargo xtask bench linkage`: Splink on DuckDB, with the model of its own tutorial for these data
("Deduplicating 50k records of historical persons").

    splink_linkage.py FILE.csv

The column `cluster` is split off before Splink sees the table, and read again only for scoring, after the processor
time has been taken. Prints one JSON object: versions, processor seconds, and the best F1 over thresholds, of the pairs
as they are and of the clusters that Splink makes of them (connected components).
"""

import json
import resource
import sys
from importlib.metadata import version

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

THRESHOLDS = [0.05, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def settings():
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="id",
        blocking_rules_to_generate_predictions=[
            block_on("substr(first_name, 1, 3)", "substr(surname, 1, 4)"),
            block_on("surname", "dob"),
            block_on("first_name", "dob"),
            block_on("postcode_fake", "first_name"),
            block_on("postcode_fake", "surname"),
            block_on("dob", "birth_place"),
            block_on("substr(postcode_fake, 1, 3)", "dob"),
            block_on("substr(postcode_fake, 1, 3)", "first_name"),
            block_on("substr(postcode_fake, 1, 3)", "surname"),
            block_on("substr(first_name, 1, 2)", "substr(surname, 1, 2)", "substr(dob, 1, 4)"),
        ],
        comparisons=[
            cl.ForenameSurnameComparison(
                "first_name", "surname", forename_surname_concat_col_name="first_and_surname"
            ),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.PostcodeComparison("postcode_fake"),
            cl.ExactMatch("birth_place").configure(term_frequency_adjustments=True),
            cl.ExactMatch("occupation").configure(term_frequency_adjustments=True),
        ],
        retain_matching_columns=False,
    )


def link(connection):
    """The predictions, as the name of a table."""
    api = DuckDBAPI(connection=connection)
    table = api.register("people")
    linker = Linker(table, settings(), log_level="ERROR")
    training = linker.training
    training.estimate_probability_two_random_records_match(
        [
            block_on("first_name", "surname", "dob"),
            block_on("substr(first_name, 1, 2)", "surname", "substr(postcode_fake, 1, 2)"),
            block_on("dob", "postcode_fake"),
        ],
        recall=0.6,
    )
    training.estimate_u_using_random_sampling(max_pairs=5e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("first_name", "surname"))
    training.estimate_parameters_using_expectation_maximisation(block_on("dob"))
    return linker, linker.inference.predict(threshold_match_probability=min(THRESHOLDS))


def f1(found, right, true):
    precision, recall = (right / found if found else 0.0), (right / true if true else 0.0)
    both = precision + recall
    return {"f1": 2 * precision * recall / both if both else 0.0, "precision": precision, "recall": recall}


def best(scores):
    return max(scores, key=lambda score: score["f1"])


def main():
    path = sys.argv[1]
    connection = duckdb.connect()
    connection.execute("set threads to 2")
    whole = f"read_csv('{path}', all_varchar = true, header = true)"
    # Empty texts are unknown, and Splink must see them so.
    columns = [row[0] for row in connection.execute(f"describe select * exclude (cluster) from {whole}").fetchall()]
    kept = ", ".join(f"nullif({column}, '') as {column}" for column in columns)
    connection.execute(f"create table people as select {kept} from {whole}")
    linker, predictions = link(connection)
    linked = cpu_seconds()
    clusters = {
        threshold: linker.clustering.cluster_pairwise_predictions_at_threshold(predictions, threshold)
        for threshold in THRESHOLDS
    }
    # What one threshold would have cost.
    seconds = linked + (cpu_seconds() - linked) / len(THRESHOLDS)

    connection.execute(f"create table truth as select id, cluster from {whole}")
    one = connection.execute
    true = one("select sum(n * (n - 1) / 2) from (select count(*) n from truth group by cluster)").fetchone()[0]
    pairs, components = [], []
    for threshold, table in clusters.items():
        found, right = one(
            f"select count(*), count(*) filter (a.cluster = b.cluster) from {predictions.physical_name} p "
            "join truth a on a.id = p.id_l join truth b on b.id = p.id_r where p.match_probability >= ?",
            [threshold],
        ).fetchone()
        pairs.append({"threshold": threshold, **f1(found, right, true)})
        found = one(
            f"select sum(n * (n - 1) / 2) from (select count(*) n from {table.physical_name} group by cluster_id)"
        ).fetchone()[0]
        right = one(
            "select sum(n * (n - 1) / 2) from (select count(*) n "
            f"from {table.physical_name} c join truth t on t.id = c.id group by c.cluster_id, t.cluster)"
        ).fetchone()[0]
        components.append({"threshold": threshold, **f1(found, right, true)})
    print(
        json.dumps(
            {
                "splink": version("splink"),
                "duckdb": version("duckdb"),
                "cpu_seconds": seconds,
                "pairs": best(pairs),
                "clusters": best(components),
            }
        )
    )


if __name__ == "__main__":
    main()
