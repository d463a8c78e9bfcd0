//! See the module `one_rule` of the library.

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    example_forms::serve(example_forms::one_rule::app().await?).await;
    Ok(())
}
